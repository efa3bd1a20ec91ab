/**
 * What a policy means for one call, read off the policy itself. It shares nothing with the compiler but the number
 * tables and the reading of words, so that each checks the other.
 */
import { kernelTable } from '../../kernel/table.js';
import type { Arch, KernelTable, Syscall, SyscallArgument } from '../../kernel/types.js';
import type {
  ActionName,
  AllowEntry,
  ArgumentConditions,
  Condition,
  Decision,
  EffectiveSyscalls,
  Origin,
  Report,
  RestrictEntry,
  RuleEntry,
  SyscallEvent,
} from '../types.js';
import { errnoNumber, wordValue } from '../words.js';

const MINUS_ONE = 0xffff_ffff;
const NO_ORIGIN = { notify: false, origin: null } as const;

/**
 * Decides one call.
 *
 * @param arch the architecture that the policy is compiled for
 * @param event the call as seccomp sees it; missing arguments are 0
 */
export function evaluateCall(syscalls: EffectiveSyscalls, arch: Arch, event: SyscallEvent): Decision {
  const table = kernelTable(arch);
  if (event.arch !== table.auditArch) return { action: 'kill_process', errno: 0, ...NO_ORIGIN };
  const enosys: Decision = { action: 'errno', errno: errnoNumber('ENOSYS', table), ...NO_ORIGIN };
  if (event.nr === MINUS_ONE) return enosys;
  if (table.x32Bit !== undefined && (event.nr & table.x32Bit) !== 0)
    return { action: 'kill_process', errno: 0, ...NO_ORIGIN };
  const call = table.syscallByNumber(event.nr);
  return call === undefined ? enosys : decide(syscalls, call, event, table);
}

function decide(syscalls: EffectiveSyscalls, call: Syscall, event: SyscallEvent, table: KernelTable): Decision {
  const rule = syscalls.rules
    .filter(({ syscall, args }) => syscall === call.name && meets(args, call, event, true, table))
    .reduce<RuleEntry | undefined>(
      (strictest, other) => (strictest === undefined ? other : stricter(strictest, other)),
      undefined,
    );
  if (rule !== undefined) return denial(rule, rule.args.size === 0, table);
  const allowed = admitting(syscalls, call, event, table);
  const first = allowed.find(({ report }) => report === 'daemon') ?? allowed[0];
  if (first === undefined || restricting(syscalls, call, event, table) !== undefined)
    return denial(closing(syscalls, call), false, table);
  return { action: 'allow', errno: 0, notify: first.report === 'daemon', origin: first.origin };
}

/** What decides a call that nothing else does. */
function closing({ default: { audit, ...otherwise } }: EffectiveSyscalls, { name }: Syscall): Denial {
  return audit?.refused.includes(name) === true ? { ...audit.enforced, report: 'none' } : otherwise;
}

/** The allow entries whose conditions a call meets. */
function admitting(syscalls: EffectiveSyscalls, call: Syscall, event: SyscallEvent, table: KernelTable): AllowEntry[] {
  return syscalls.allow.filter(({ syscall, args }) => syscall === call.name && meets(args, call, event, false, table));
}

/** The first `restrict` entry whose conditions a call does not meet. */
function restricting(
  syscalls: EffectiveSyscalls,
  call: Syscall,
  event: SyscallEvent,
  table: KernelTable,
): RestrictEntry | undefined {
  return syscalls.restrict.find(
    ({ syscall, args }) => syscall === call.name && !meets(args, call, event, false, table),
  );
}

/** The allow entries that each admit a call; none when it is not allowed. */
export function admittedBy(syscalls: EffectiveSyscalls, arch: Arch, event: SyscallEvent): readonly AllowEntry[] {
  const table = kernelTable(arch);
  const call = table.syscallByNumber(event.nr);
  if (call === undefined || evaluateCall(syscalls, arch, event).action !== 'allow') return [];
  return admitting(syscalls, call, event, table);
}

/**
 * The `restrict` entry for which alone a call gets the default action: without it, an allow entry would admit the call.
 * Undefined when the call is decided otherwise.
 */
export function restrictionOf(syscalls: EffectiveSyscalls, arch: Arch, event: SyscallEvent): RestrictEntry | undefined {
  const table = kernelTable(arch);
  const call = table.syscallByNumber(event.nr);
  const { origin } = evaluateCall(syscalls, arch, event);
  if (call === undefined || origin !== syscalls.default.origin) return undefined;
  if (admitting(syscalls, call, event, table).length === 0) return undefined;
  return restricting(syscalls, call, event, table);
}

function meets(
  args: ArgumentConditions,
  call: Syscall,
  event: SyscallEvent,
  isDenial: boolean,
  table: KernelTable,
): boolean {
  return [...args].every(([name, { value }]) => holds(value, name, call, event, isDenial, table));
}

function stricter(a: RuleEntry, b: RuleEntry): RuleEntry {
  if (a.locked !== b.locked) return a.locked ? a : b;
  return b.action === 'kill_process' && a.action !== 'kill_process' ? b : a;
}

interface Denial {
  readonly action: ActionName;
  readonly errno: string;
  readonly report: Report;
  readonly origin: Origin;
}

/** @param byNumber whether the number alone decides, so that the supervisor can carry out a kill that is reported */
function denial({ action, errno, report, origin }: Denial, byNumber: boolean, table: KernelTable): Decision {
  if (action === 'allow') return { action, errno: 0, notify: report === 'daemon', origin };
  if (action === 'kill_process') return { action, errno: 0, notify: byNumber && report === 'daemon', origin };
  return { action, errno: errnoNumber(errno, table), notify: report === 'daemon', origin };
}

function holds(
  condition: Condition,
  name: string,
  call: Syscall,
  event: SyscallEvent,
  isDenial: boolean,
  table: KernelTable,
): boolean {
  const index = call.args.findIndex((argument) => argument.name === name);
  const argument = call.args[index];
  if (argument === undefined) return false;
  const register = BigInt.asUintN(64, event.args[index] ?? 0n);
  // A denial holds for what the kernel would take the register for; an allow entry only for what a compiler makes of a
  // value.
  if (!isDenial && !isClean(register, argument)) return false;
  return meetsCondition(condition, BigInt.asUintN(argument.width, register), argument, table);
}

/** A 32-bit value as a compiler leaves it in a register: zero-extended, or sign-extended when it is signed. */
function isClean(register: bigint, { width, signed }: SyscallArgument): boolean {
  if (width === 64) return true;
  const value = BigInt.asUintN(32, register);
  return register === value || (signed && register === BigInt.asUintN(64, BigInt.asIntN(32, value)));
}

function meetsCondition(condition: Condition, value: bigint, argument: SyscallArgument, table: KernelTable): boolean {
  const number = (word: string) => {
    const result = wordValue(word, table);
    return result.kind === 'value' ? BigInt.asUintN(argument.width, result.value) : undefined;
  };
  switch (condition.kind) {
    case 'oneOf':
      return condition.words.some((word) => number(word) === value);
    case 'noneOf': {
      const isBits = argument.kind === 'flags' || argument.kind === 'mode';
      return condition.words.every((word) => (isBits ? (value & (number(word) ?? 0n)) === 0n : number(word) !== value));
    }
    case 'masked': {
      const [mask, equals] = [number(condition.mask), number(condition.equals)];
      return mask !== undefined && equals !== undefined && (value & mask) === equals;
    }
    case 'range': {
      const [min, max] = [number(condition.min), number(condition.max)];
      return min !== undefined && max !== undefined && min <= value && value <= max;
    }
  }
}
