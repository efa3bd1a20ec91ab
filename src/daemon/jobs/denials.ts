import { kernelTable } from '../../kernel/table.js';
import type { Arch, KernelTable, Syscall, SyscallArgument } from '../../kernel/types.js';
import type { JobDenial, JobEnd } from '../../native/job.js';
import { evaluateCall } from '../../policy/index.js';
import type { EffectivePolicy, Origin } from '../../policy/types.js';
import type { Denial } from '../../protocol/messages.gen.js';

/** What a job was refused, in the words of its policy. */
export function denialsOf(denials: readonly JobDenial[], policy: EffectivePolicy, arch: Arch): Denial[] {
  const table = kernelTable(arch);
  return denials.map((denial) => denialOf(denial, policy, table));
}

/**
 * Limits that made calls fail without ending the job, as far as the kernel counts that: processes and threads alone. It counts neither
 * files that were too large (RLIMIT_FSIZE) nor file systems that were full.
 */
export function limitDenials({ forksRefused }: Pick<JobEnd, 'forksRefused'>, { limits }: EffectivePolicy): Denial[] {
  if (!forksRefused) return [];
  const { value, origin } = limits.pids;
  const hint = `at most ${value} processes and threads at a time, or fewer where a control group above the job's allows fewer`;
  const call = { syscall: null, nr: null, args: [] };
  return [{ ...call, limit: 'pids', count: forksRefused, errno: 'EAGAIN', rule: placeOf(origin), hint }];
}

function denialOf(denial: JobDenial, policy: EffectivePolicy, table: KernelTable): Denial {
  const { nr, args, count, errno } = denial;
  const native = denial.arch === table.auditArch;
  const syscall = native ? table.syscallByNumber(nr) : undefined;
  const { origin } = evaluateCall(policy.syscalls, table.arch, { arch: denial.arch, nr, args });
  const isDefault = origin !== null && isSamePlace(origin, policy.syscalls.default.origin);
  return {
    syscall: syscall?.name ?? null,
    nr,
    args: args
      .slice(0, syscall?.args.length ?? args.length)
      .map((value, index) => argumentValue(value, syscall?.args[index])),
    count,
    errno: table.errnoName(errno) ?? null,
    rule: origin === null || isDefault ? null : placeOf(origin),
    hint: hintOf(syscall, origin, isDefault, policy),
  };
}

function hintOf(
  syscall: Syscall | undefined,
  origin: Origin | null,
  isDefault: boolean,
  policy: EffectivePolicy,
): string | null {
  if (syscall === undefined || origin === null) return null;
  const { name } = syscall;
  if (!isDefault) return `${placeOf(origin)} forbids it`;
  const reason = defaultHint(name, policy);
  return policy.mode.value === 'audit' ? `let through in audit mode: ${reason}` : reason;
}

function defaultHint(name: string, policy: EffectivePolicy): string {
  const entries = policy.syscalls.allow.filter((entry) => entry.syscall === name);
  if (entries.length > 0)
    return `allowed only with other arguments: ${entries.map((entry) => placeOf(entry.origin)).join(', ')}`;
  return `no rule allows it; \`syscalls: {allow: [${name}]}\` in ${policy.name} would`;
}

/** An argument as its C type has it; what a number cannot hold is hexadecimal text. */
function argumentValue(value: bigint, argument: SyscallArgument | undefined): number | string {
  const width = argument?.width ?? 64;
  const typed = argument?.signed === true ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value);
  const number = Number(typed);
  return Number.isSafeInteger(number) ? number : `0x${BigInt.asUintN(64, value).toString(16)}`;
}

function isSamePlace(a: Origin, b: Origin): boolean {
  return a.file === b.file && a.range.start.offset === b.range.start.offset;
}

function placeOf({ file, range }: Origin): string {
  return `${file}:${range.start.line}:${range.start.col}`;
}
