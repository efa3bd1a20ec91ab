/**
 * What becomes of a call, as one number for the ends of diagrams: the RET value that says so, and whether the supervisor
 * is asked and gives that answer.
 */
import type { KernelTable } from '../../kernel/types.js';
import { SECCOMP_DATA, SECCOMP_RET, seccompAction, seccompReturn } from '../../plan/bpf/opcodes.js';
import type { Plan } from '../../plan/plan.js';
import type { ActionName } from '../types.js';
import type { Diagram, Diagrams } from './diagrams.js';
import { chosenBy, wordBits } from './words.js';

export type Answer = number;

/** Above all RET values. */
const REPORTED = 2 ** 32;

/** @param errno positive with `errno`, else 0 */
export function answerOf(action: ActionName, errno: number, isReported: boolean): Answer {
  return (isReported ? REPORTED : 0) + seccompReturn(action === 'errno' ? { kind: action, errno } : { kind: action });
}

/** `reported EACCES`, `allow`, `kill_process`. */
export function answerText(answer: Answer, table: KernelTable): string {
  const action = seccompAction(answer % REPORTED);
  const text = action?.kind === 'errno' ? (table.errnoName(action.errno) ?? `errno ${action.errno}`) : action?.kind;
  return `${answer >= REPORTED ? 'reported ' : ''}${text ?? `0x${answer.toString(16)}`}`;
}

/** The same answer, of which nobody hears. */
export function withoutReport(answer: Answer): Answer {
  return answer % REPORTED;
}

/** What a filter answers, with each notification replaced by what the plan has the supervisor answer to that number. */
export function withSupervisor(diagrams: Diagrams, program: Diagram, plan: Plan): Diagram {
  const otherwise = diagrams.constant(answerOf('errno', plan.notifyDefaultErrno, true));
  const answers = new Map(
    plan.notify.map(({ nr, action, errno }) => {
      const words = { continue: 'allow', kill: 'kill_process', errno: 'errno' } as const;
      return [nr, diagrams.constant(answerOf(words[action], errno, true))] as const;
    }),
  );
  const supervisor = chosenBy(diagrams, wordBits(SECCOMP_DATA.nr), answers, otherwise);
  return diagrams.replace(program, SECCOMP_RET.USER_NOTIF, supervisor);
}

/**
 * How much an answer allows, in the kernel's own precedence (seccomp(2)): killing, refusing, asking, allowing. Of what the
 * supervisor is asked, it refuses all but what it continues; so a refusal that is reported is a refusal. Errnos are equal.
 */
export function answerRank(answer: Answer): number {
  const kind = seccompAction(answer % REPORTED)?.kind;
  if (kind === 'allow') return answer >= REPORTED ? 2 : 3;
  return kind === 'errno' ? 1 : 0;
}
