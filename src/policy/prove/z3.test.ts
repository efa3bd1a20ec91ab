import { describe, expect, it } from 'vitest';
import { filterMutants } from '../../../test/policy/filter-mutants.js';
import {
  compileShipped,
  fakeHost,
  resolveText,
  shippedRuntime,
  WITH_OWN_FILTER,
} from '../../../test/policy/shipped.js';
import { startZ3, Z3Oracle } from '../../../test/policy/z3-oracle.js';
import { ARCHES } from '../../kernel/types.js';
import { compilePolicy } from '../compile/compile.js';
import type { CompiledPolicy, EffectivePolicy } from '../types.js';
import { provePlan } from './prove.js';

const z3 = await startZ3();

describe('Z3', () => {
  const all = ARCHES.flatMap((arch) => WITH_OWN_FILTER.map((name) => [name, arch] as const));

  it.each(all)(
    'proves %s on %s, too',
    async (name, arch) => {
      const { plan, policy } = compileShipped(name, arch);
      expect(await new Z3Oracle(z3, arch).areEqual(plan, policy.syscalls)).toBe(true);
    },
    60_000,
  );

  it.each(ARCHES)(
    'proves audit mode on %s, too',
    async (arch) => {
      const text = 'version: 1\nkind: Policy\nname: test\nextends: [builtin:strict@1]\nmode: audit\n';
      const policy = resolveText(text).value as EffectivePolicy;
      const { plan } = compilePolicy(policy, shippedRuntime('python'), fakeHost(arch)).value as CompiledPolicy;
      expect(await new Z3Oracle(z3, arch).areEqual(plan, policy.syscalls)).toBe(true);
    },
    60_000,
  );

  it('says of wrong filters what the prover says', async () => {
    const { plan, policy } = compileShipped('strict', 'x86_64');
    const oracle = new Z3Oracle(z3, 'x86_64');
    const mutants = filterMutants(plan.filter);
    for (let index = 0; index < mutants.length; index += Math.ceil(mutants.length / 12)) {
      const wrong = { ...plan, filter: mutants[index]?.filter ?? [] };
      const isProven = provePlan(wrong, policy).value !== undefined;
      expect(await oracle.areEqual(wrong, policy.syscalls)).toBe(isProven);
    }
  }, 120_000);
});
