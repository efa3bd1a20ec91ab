import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryPlan } from '../../test/plan/arbitrary-plan.js';
import { samplePlan } from '../../test/plan/sample-plan.js';
import { decodePlan, validatePlan } from './decode.js';
import { encodePlan } from './encode.js';
import type { Plan } from './plan.js';

function refusal(patch: object): unknown {
  try {
    encodePlan({ ...samplePlan, ...patch } as Plan);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('encodePlan', () => {
  it('keeps everything but the order that has no meaning', () => {
    const decoded = decodePlan(encodePlan(samplePlan));
    expect(decoded.rlimits.map(({ resource }) => resource)).toEqual([1, 4, 7]);
    expect(decoded.environment).toEqual(['GREETING="olá"\n', 'LANG=C.UTF-8', 'OMP_NUM_THREADS=1']);
    expect(decoded.landlock.rules.map(({ path }) => path)).toEqual(['/mnt/ro', '/mnt/rw', '/usr']);
    expect(decoded.mounts[0]?.flags).toEqual(['read_only', 'nosuid', 'nodev', 'recursive']);
    const { rlimits, environment, landlock, mounts, notify, fileSystems, ...rest } = decoded;
    expect(samplePlan).toMatchObject(rest);
  });

  it('gives equal plans equal bytes, and reads back what it wrote', () => {
    fc.assert(
      fc.property(arbitraryPlan, (plan) => {
        const bytes = encodePlan(plan);
        const decoded = decodePlan(bytes, plan.arch);
        expect(encodePlan(decoded).equals(bytes)).toBe(true);
        const shuffled = { ...plan, rlimits: plan.rlimits.toReversed(), environment: plan.environment.toReversed() };
        expect(encodePlan(shuffled).equals(bytes)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('sorts variables by their names, not by whole entries', () => {
    const plan = { ...samplePlan, environment: ['A1=x', 'A=x', 'A_=x'] };
    expect(decodePlan(encodePlan(plan)).environment).toEqual(['A=x', 'A1=x', 'A_=x']);
  });

  it('sorts paths by bytes, where UTF-16 has another order', () => {
    const rules = ['/\u{1f642}', '/\uff5e'].map((path) => ({ path, access: 1n }));
    const plan = { ...samplePlan, landlock: { ...samplePlan.landlock, rules } };
    expect(decodePlan(encodePlan(plan)).landlock.rules.map(({ path }) => path)).toEqual(['/\uff5e', '/\u{1f642}']);
  });

  it.each([
    ['plan header umask: out_of_range', { umask: 0o1000 }],
    ['plan header inside_uid: out_of_range', { insideUid: -1 }],
    ['plan header inside_uid: out_of_range', { insideUid: 0.5 }],
    ['plan header capabilities: out_of_range', { capabilities: 1n << 64n }],
    ['plan header mode: unknown_value', { mode: 'permissive' }],
    ['plan header namespaces: unknown_flag', { namespaces: samplePlan.namespaces + 0x80 }],
    ['plan header digest: size_mismatch', { digest: new Uint8Array(31) }],
    ['plan header policy_name: string_encoding', { policyName: 'a\0b' }],
    ['plan header policy_name: string_encoding', { policyName: 'a\ud800b' }],
    ['plan header policy_name: string_too_long', { policyName: 'é'.repeat(2048) }],
    ['plan mounts[0]: unknown_value', { mounts: [{ ...samplePlan.mounts[0], kind: 'overlay' }] }],
    ['plan mounts[0]: unknown_flag', { mounts: [{ ...samplePlan.mounts[0], flags: ['toString'] }] }],
    ['plan filter[0]: out_of_range', { filter: [{ code: 6, jt: 256, jf: 0, k: 0 }] }],
    ['plan filter[0]: too_many', { filter: Array.from({ length: 4097 }, () => samplePlan.filter[0]) }],
  ])('refuses a value that does not fit: %s', (message, patch) => {
    expect(refusal(patch)).toMatchObject({ code: 'LW_PLAN_INVALID', message });
  });
});

describe('decodePlan', () => {
  const bytes = encodePlan(samplePlan);

  it('takes only the architecture it is told', () => {
    expect(validatePlan(bytes, 'x86_64')).toBeUndefined();
    expect(validatePlan(bytes, 'arm64')).toEqual({ place: 'header', index: 48, reason: 'foreign_arch' });
  });

  it('reads from the middle of a larger buffer', () => {
    const larger = new Uint8Array(bytes.length + 10);
    larger.set(bytes, 3);
    expect(decodePlan(larger.subarray(3, 3 + bytes.length))).toEqual(decodePlan(bytes));
  });

  it('names the place in its error', () => {
    expect(() => decodePlan(bytes.subarray(0, 100))).toThrow('plan header total_size: too_short');
    expect(() => decodePlan(new Uint8Array(0))).toThrow('plan header total_size: too_short');
  });
});
