import { describe, expect, it } from 'vitest';
import { filterMutants } from '../../../test/policy/filter-mutants.js';
import { compileShipped, WITH_OWN_FILTER } from '../../../test/policy/shipped.js';
import { kernelTable } from '../../kernel/table.js';
import { ARCHES } from '../../kernel/types.js';
import { SECCOMP_RET, seccompReturn } from '../../plan/bpf/opcodes.js';
import { simulate } from '../../plan/bpf/simulate.js';
import type { BpfInstruction, Plan } from '../../plan/plan.js';
import { checkedCalls } from '../check/boundaries.js';
import { evaluateCall } from '../check/evaluate.js';
import type { Decision, EffectiveSyscalls, SyscallEvent } from '../types.js';
import { withSupervisor } from './answers.js';
import { Diagrams } from './diagrams.js';
import { type Difference, differenceOf } from './difference.js';
import { policyDiagram } from './meaning.js';
import { programDiagram } from './program.js';

/** Programs of the two differ in numbers only, so that a part of the one's is enough on every change. */
const EVERY = { x86_64: 1, arm64: 4 } as const;

describe('every filter that is wrong in one instruction', () => {
  const all = ARCHES.flatMap((arch) => WITH_OWN_FILTER.map((name) => [name, arch] as const));

  it.each(all)(
    'of %s on %s has a true witness, or nothing tells it from the right one',
    (name, arch) => {
      const { plan, policy } = compileShipped(name, arch);
      const meantOf = (event: SyscallEvent) => ({ event, meant: evaluateCall(policy.syscalls, arch, event) });
      const samples = [...checkedCalls(policy.syscalls, kernelTable(arch))].map(meantOf);
      let prover = new Comparer(plan, policy.syscalls);
      let killed = 0;
      const mutants = filterMutants(plan.filter).filter((_, index) => index % EVERY[arch] === 0);
      for (const [number, { filter }] of mutants.entries()) {
        // What was made for earlier ones is of no use any more.
        if (number % 32 === 0) prover = new Comparer(plan, policy.syscalls);
        const found = prover.differenceOf(filter);
        if (found === undefined) {
          expect(samples.every((sample) => isAsMeant(filter, plan, sample))).toBe(true);
        } else {
          killed += 1;
          expect(isAsMeant(filter, plan, meantOf(found.event), found.instructionPointer)).toBe(false);
        }
      }
      expect(mutants.length * EVERY[arch]).toBeGreaterThan(5 * plan.filter.length);
      expect(killed / mutants.length).toBeGreaterThan(0.9);
    },
    120_000,
  );
});

/** The comparison of `provePlan` for many filters of one policy, whose side is made once for all of them. */
class Comparer {
  readonly #plan: Plan;
  readonly #diagrams = new Diagrams();
  readonly #meant: number;

  constructor(plan: Plan, syscalls: EffectiveSyscalls) {
    this.#plan = plan;
    this.#meant = policyDiagram(this.#diagrams, syscalls, plan.arch);
  }

  differenceOf(filter: readonly BpfInstruction[]): Difference | undefined {
    const program = programDiagram(this.#diagrams, filter);
    return differenceOf(this.#diagrams, withSupervisor(this.#diagrams, program, this.#plan), this.#meant);
  }
}

/** Of the simulator and of the policy's meaning for one call, neither of which knows a diagram. */
function isAsMeant(
  filter: readonly BpfInstruction[],
  plan: Plan,
  { event, meant }: { readonly event: SyscallEvent; readonly meant: Decision },
  instructionPointer = 0n,
): boolean {
  const { action } = simulate(filter, { ...event, instructionPointer });
  if (action !== SECCOMP_RET.USER_NOTIF || !meant.notify)
    return !meant.notify && action === seccompReturn(actionOf(meant.action, meant.errno));
  const answer = plan.notify.find(({ nr }) => nr === event.nr);
  const answered = { action: answer?.action ?? 'errno', errno: answer?.errno ?? plan.notifyDefaultErrno };
  const words = { allow: 'continue', kill_process: 'kill', errno: 'errno' } as const;
  return answered.action === words[meant.action] && (meant.action !== 'errno' || answered.errno === meant.errno);
}

function actionOf(action: 'allow' | 'errno' | 'kill_process', errno: number) {
  return action === 'errno' ? { kind: action, errno } : { kind: action };
}
