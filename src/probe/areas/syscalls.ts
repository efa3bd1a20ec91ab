/** System calls: each conditional one at its boundaries and all others of the kernel's table, against the policy's own program. */
import { kernelTable } from '../../kernel/table.js';
import { evaluateCall } from '../../policy/index.js';
import { placeText } from '../../policy/render/place-text.js';
import { confinedAttempts } from '../attempts/confined.js';
import type { AttemptsRun } from '../attempts/jobs.js';
import type { RawCall, Seen } from '../attempts/seen.js';
import { seenText } from '../attempts/seen.js';
import { dataBody } from '../attempts/snippet.js';
import type { ProbeContext } from '../context.js';
import { type CallAttempt, derivedCalls, type Untried } from '../derive/calls.js';
import { judgeCall } from '../judge-call.js';
import type { Answer, Program } from '../program.js';
import type { ProbeResult } from '../result.js';
import type { Outcome } from '../verdict.js';
import { probeForeign } from './foreign.js';
import { excessOf, type Recorded, recordResults } from './records.js';

/**
 * Calls of one job. The supervisor keeps the denials of 64 different calls of a job (lw_notify.h), and Python is refused some of its
 * own.
 */
const MOST_CALLS = 48;

export async function probeSyscalls(context: ProbeContext): Promise<readonly ProbeResult[]> {
  const { program, compiled } = context;
  const { calls, untried } = derivedCalls(program);
  // Beyond the burst a refused call waits for its answer.
  const most = Math.max(1, Math.min(MOST_CALLS, compiled.plan.denialBurst));
  const results: ProbeResult[] = [];
  const recorded: Recorded[] = [];
  for (let at = 0; at < calls.length; at += most) {
    const own = calls.slice(at, at + most);
    const run = await confinedAttempts(bodyOf(own), context);
    results.push(...resultsOf(own, run, program));
    recorded.push({ calls: own, ends: run.ends });
  }
  return [
    ...results,
    ...(await probeForeign(context)),
    ...recordResults(recorded, program),
    ...untried.map((one) => untriedResult(one, program)),
  ];
}

function bodyOf(calls: readonly CallAttempt[]): string {
  return dataBody(calls.map(({ name, nr, args }) => [name, nr, args.map(String)]));
}

function resultsOf(
  calls: readonly CallAttempt[],
  { attempts, ends, broken }: AttemptsRun,
  program: Program,
): ProbeResult[] {
  const seenOf = new Map(attempts.map(({ name, seen }) => [name, seen]));
  return calls.map((call): ProbeResult => {
    const missing: Seen = { kind: 'broken', why: broken ?? 'the job does not report this attempt' };
    const seen = broken === undefined ? (seenOf.get(call.name) ?? missing) : missing;
    const answer = program.answer(call);
    const outcome = judgeCall(answer, seen, excessOf(call.nr, { calls, ends }, program) > 0);
    return {
      area: 'syscalls',
      name: call.name,
      outcome,
      expected: answerText(answer),
      seen:
        outcome === 'SKIPPED' ? `${seenText(seen)}: the kernel does not have it, or demands a right` : seenText(seen),
      place: placeOf(call, program),
      hint: hintOf(outcome, answer, seen),
    };
  });
}

function untriedResult({ call, name, reason }: Untried, program: Program): ProbeResult {
  return {
    ...{ area: 'syscalls', name, outcome: 'SKIPPED', expected: answerText(program.answer(call)), seen: reason },
    ...{ place: placeOf(call, program), hint: null },
  };
}

/** What decides the call in the policy; null for what no policy can change. */
function placeOf({ nr, args }: RawCall, { arch, syscalls }: Program): string | null {
  const { origin } = evaluateCall(syscalls, arch, { arch: kernelTable(arch).auditArch, nr, args });
  return origin === null ? null : placeText(origin);
}

function answerText(answer: Answer): string {
  if (answer.kind === 'errno') return answer.errno;
  return answer.kind === 'kill' ? `ended by ${answer.signal}` : 'reaches the kernel';
}

function hintOf(outcome: Outcome, answer: Answer, seen: Seen): string | null {
  if (outcome === 'ESCAPED')
    return 'the filter of the policy does not decide here: see `leeward doctor`, and report it';
  if (outcome !== 'BROKEN' || seen.kind !== 'errno') return null;
  const other = 'a filter of the container around Leeward, a security module';
  if (answer.kind === 'allow') return `something else than the policy may refuse it: ${other}`;
  return `it was refused, but not as the policy says: ${other}, or the kernel itself`;
}
