import { expect, it } from 'vitest';
import { compileShipped, shippedPolicy } from '../../../test/policy/shipped.js';
import type { Plan } from '../../plan/plan.js';
import type { Proof } from './proof.js';
import { keepProof, knownProof } from './shared-proofs.js';

const PROOF: Proof = { filter: new Uint8Array(32), instructions: 1, longestPath: 1, paths: 1n, nodes: 1, cacheable: 0 };

it('a proof is known for the same filter, answers, architecture and mode, and for what means the same, and for nothing else', () => {
  const compiled = compileShipped('python', 'x86_64');
  const { policy } = compiled;
  // Others go on with the proof of the filter itself.
  const plan = { ...compiled.plan, filter: Object.freeze([...compiled.plan.filter]) };
  keepProof(plan, policy, PROOF);
  expect(knownProof(plan, policy)).toBe(PROOF);
  const others: readonly Partial<Plan>[] = [
    { filter: [...plan.filter] },
    { notify: [...plan.notify] },
    { notifyDefaultErrno: plan.notifyDefaultErrno + 1 },
    { arch: 'arm64' },
    { mode: 'audit' },
  ];
  for (const other of others)
    expect(knownProof({ ...plan, ...other }, policy), JSON.stringify(Object.keys(other))).toBeUndefined();
  expect(knownProof(plan, shippedPolicy('strict'))).toBeUndefined();
  expect(knownProof(plan, { ...policy, syscalls: { ...policy.syscalls, allow: [...policy.syscalls.allow] } })).toBe(
    PROOF,
  );
});

it('a proof of what somebody could still change is not kept', () => {
  const { plan, policy } = compileShipped('python', 'x86_64');
  const open = { ...plan, filter: plan.filter.map((instruction) => ({ ...instruction })) };
  keepProof(open, policy, PROOF);
  expect(knownProof(open, policy)).toBeUndefined();
});
