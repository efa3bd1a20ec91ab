/** From what a case expects of an attempt to what is accepted. Pure, given the policy's program. */

import type { RawCall } from '../../../src/probe/attempts/seen.js';
import type { Program } from '../../../src/probe/program.js';
import type { Accepted } from '../../../src/probe/verdict.js';
import type { Case, Expectation } from './case.js';

/**
 * @param call the attempt's raw system call; undefined when it made none
 */
export function acceptedFor(probe: Case, attempt: string, call: RawCall | undefined, program: Program): Accepted {
  const expected = expectationOf(probe, attempt);
  if (expected === 'policy') return byPolicy(probe, call, program);
  if ('noEffect' in expected) return { kind: 'noEffect', because: expected.noEffect };
  if ('held' in expected) return { kind: 'held', because: expected.held };
  if ('works' in expected) return { kind: 'works', because: expected.works };
  if ('signal' in expected) return { kind: 'signal', ...expected };
  return { kind: 'errno', errnos: expected.errno, because: expected.because };
}

function expectationOf(probe: Case, attempt: string): Expectation {
  const call = probe.calls?.find(({ name, syscall }) => (name ?? String(syscall)) === attempt);
  return probe.attempts?.[attempt] ?? call?.expect ?? probe.expect ?? 'policy';
}

function byPolicy(probe: Case, call: RawCall | undefined, program: Program): Accepted {
  if (call === undefined)
    return { kind: 'unknown', why: 'it made no raw system call for which the policy could be asked' };
  const answer = program.answer(call);
  const because = `the program of ${program.policy} says so`;
  if (answer.kind === 'errno') return { kind: 'errno', errnos: [answer.errno], because };
  if (answer.kind === 'kill') return { kind: 'signal', signal: answer.signal, because };
  if (probe.boundaries !== undefined) return { kind: 'reaches', because };
  if (probe.allowed !== undefined) return { kind: 'allowed', because: probe.allowed };
  return { kind: 'unexplained', because: `${program.policy} allows it, and the case does not say why that is right` };
}
