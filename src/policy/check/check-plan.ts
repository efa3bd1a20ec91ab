/** Holds a compiled filter against the policy that it was made from. */
import { kernelTable } from '../../kernel/table.js';
import type { KernelTable } from '../../kernel/types.js';
import { SECCOMP_RET, seccompAction } from '../../plan/bpf/opcodes.js';
import { simulate } from '../../plan/bpf/simulate.js';
import type { Plan } from '../../plan/plan.js';
import { Findings } from '../findings.js';
import type { Decision, EffectivePolicy, EffectiveSyscalls, SyscallEvent } from '../types.js';
import { boundaryVectors } from './boundaries.js';
import { evaluateCall } from './evaluate.js';

/**
 * Runs the plan's filter in the simulator for every number of the table and values around every condition, and compares
 * each answer with the policy's own meaning. Until plans are proven, this is what stands before their use.
 *
 * @returns findings with a counterexample for each call that is answered otherwise; empty when none is
 */
export function checkPlan(plan: Plan, policy: EffectivePolicy) {
  const findings = new Findings();
  for (const event of checkedCalls(policy.syscalls, kernelTable(plan.arch))) {
    const expected = evaluateCall(policy.syscalls, plan.arch, event);
    const problem = difference(plan, event, expected);
    if (problem === undefined) continue;
    const origin = expected.origin ?? policy.syscalls.default.origin;
    findings.add('LW-S130', origin, `${eventText(event, kernelTable(plan.arch))}: ${problem}`);
  }
  return findings.sorted();
}

/** What is wrong with the filter's answer to one call. */
function difference(plan: Plan, event: SyscallEvent, expected: Decision): string | undefined {
  const { action, cacheable } = simulate(plan.filter, event);
  const answer = answerText(plan, event.nr, action);
  const meant = decisionText(expected);
  if (answer !== meant) return `the filter answers ${answer}, the policy means ${meant}`;
  const isFree = action === SECCOMP_RET.ALLOW && !cacheable && event.args.length === 0;
  return isFree ? 'an unconditional allow looks at arguments, which keeps the kernel from caching it' : undefined;
}

function answerText({ notify, notifyDefaultErrno }: Plan, nr: number, value: number): string {
  const action = seccompAction(value);
  if (action?.kind === 'errno') return `errno ${action.errno}`;
  if (action?.kind !== 'notify') return action?.kind ?? 'nothing known';
  const answer = notify.find((entry) => entry.nr === nr);
  if (answer?.action === 'kill') return 'reported kill_process';
  return answer?.action === 'continue' ? 'reported allow' : `reported errno ${answer?.errno ?? notifyDefaultErrno}`;
}

function decisionText({ action, errno, notify }: Decision): string {
  const text = action === 'errno' ? `errno ${errno}` : action;
  return notify ? `reported ${text}` : text;
}

function eventText({ arch, nr, args }: SyscallEvent, table: KernelTable): string {
  const name =
    arch === table.auditArch ? (table.syscallByNumber(nr)?.name ?? `call ${nr}`) : `call ${nr} of architecture ${arch}`;
  return `${name}(${args.map((value) => `0x${value.toString(16)}`).join(', ')})`;
}

/**
 * Foreign architectures, numbers that nobody knows, and every known call. Conditional ones with their boundary values.
 */
export function* checkedCalls(syscalls: EffectiveSyscalls, table: KernelTable): Generator<SyscallEvent> {
  const arch = table.auditArch;
  for (const foreign of [0, arch - 1, arch + 1, 0x4000_0003, (arch ^ 0x4000_0000) >>> 0]) {
    yield { arch: foreign >>> 0, nr: 0, args: [] };
  }
  const above = table.highestNumber + 1;
  for (const nr of [
    above,
    0x3fff_ffff,
    0x4000_0000,
    0x4000_0001,
    0x7fff_ffff,
    0x8000_0000,
    0xbfff_ffff,
    0xffff_fffe,
    0xffff_ffff,
  ]) {
    yield { arch, nr, args: [] };
  }
  const conditional = new Set(
    [...syscalls.rules, ...syscalls.restrict, ...syscalls.allow]
      .filter(({ args }) => args.size > 0)
      .map(({ syscall }) => syscall),
  );
  for (let nr = 0; nr < above; nr++) {
    const call = table.syscallByNumber(nr);
    const vectors = call !== undefined && conditional.has(call.name) ? boundaryVectors(syscalls, call, table) : [[]];
    for (const args of vectors) yield { arch, nr, args };
  }
}
