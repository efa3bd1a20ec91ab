import { describe, expect, it } from 'vitest';
import { fakeHost, findingsText, resolveText, shippedRuntime } from '../../test/policy/shipped.js';
import { kernelTable } from '../kernel/table.js';
import { ARCHES } from '../kernel/types.js';
import { compilePolicy } from './compile/compile.js';
import { provePlan } from './prove/prove.js';
import type { EffectiveSyscalls, Sourced } from './types.js';
import { writtenSyscalls } from './written-meaning.js';

function policyWith(lines: string) {
  const { value, diagnostics } = resolveText(
    `version: 1\nkind: Policy\nname: test\nextends: [builtin:python@1]\n${lines}`,
  );
  if (value === undefined) throw new Error(findingsText(diagnostics));
  return value;
}

const { default: closed } = policyWith('').syscalls;
const origin = closed.origin;

/** One call that is allowed, with a condition on one of its arguments or with none. */
function allowing(syscall: string, argument?: string): EffectiveSyscalls {
  const zero: Sourced<{ kind: 'oneOf'; words: string[] }> = { value: { kind: 'oneOf', words: ['0'] }, origin };
  const args = new Map(argument === undefined ? [] : [[argument, zero]]);
  return { default: closed, allow: [{ syscall, args, report: 'none', origin, via: [] }], restrict: [], rules: [] };
}

describe('what system calls mean', () => {
  it.each(ARCHES)('differs by each argument that has a condition, whatever its name is (%s)', (arch) => {
    const same = kernelTable(arch)
      .syscalls()
      .flatMap(({ name, args }) => {
        const texts = [undefined, ...args.map((one) => one.name)].map(
          (one) => writtenSyscalls(allowing(name, one)).text,
        );
        return new Set(texts).size === args.length + 1 ? [] : [name];
      });
    expect(same).toEqual([]);
  });

  it('is not that of a policy with one condition less: each has its own filter and proof', () => {
    const plain = policyWith('syscalls: {allow: [request_key]}\n');
    const narrow = policyWith('syscalls: {allow: [{syscall: request_key, args: {description: 0}}]}\n');
    const plans = [plain, narrow].map(
      (policy) => compilePolicy(policy, shippedRuntime('python'), fakeHost()).value?.plan,
    );
    const [wide, own] = plans as [NonNullable<(typeof plans)[0]>, NonNullable<(typeof plans)[0]>];
    expect(own.filter).not.toEqual(wide.filter);
    expect(provePlan(wide, plain).value).toBeDefined();
    expect(provePlan(own, narrow).value).toBeDefined();
    expect(provePlan({ ...own, filter: wide.filter }, narrow).value).toBeUndefined();
  });
});
