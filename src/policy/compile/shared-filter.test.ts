import { describe, expect, it } from 'vitest';
import { fakeHost, findingsText, placesOf, resolveText, shippedRuntime } from '../../../test/policy/shipped.js';
import { provePlan } from '../prove/prove.js';
import { compilePolicy } from './compile.js';

/** On top of `python`, in a file of its own. */
function compiled(name: string, lines: string) {
  const text = `version: 1\nkind: Policy\nname: ${name}\nextends: [builtin:python@1]\n${lines}`;
  const { value: policy, diagnostics } = resolveText(text, {}, `${name}.yaml`);
  if (policy === undefined) throw new Error(findingsText(diagnostics));
  return { policy, ...compilePolicy(policy, shippedRuntime('python'), fakeHost()) };
}

function planOf(made: ReturnType<typeof compiled>) {
  if (made.value === undefined) throw new Error(findingsText(made.diagnostics));
  return made.value.plan;
}

const SPREAD = 'syscalls:\n  allow:\n    - syscall: setpriority\n      args: {which: PRIO_PROCESS, who: 7}\n';
const ON_A_LINE = 'syscalls: {allow: [{syscall: setpriority, args: {which: PRIO_PROCESS, who: 7}}]}\n';

describe('policies that mean the same by their system calls', () => {
  const [a, b] = [compiled('a', SPREAD), compiled('b', `# elsewhere\n${ON_A_LINE}limits: {pids: 32}\n`)];

  it('have one filter, whatever else they say', () => {
    expect(planOf(b).filter).toBe(planOf(a).filter);
    expect(planOf(b).notify).toBe(planOf(a).notify);
    expect(planOf(b).digest).not.toEqual(planOf(a).digest);
  });

  it('have one proof', () => {
    const proof = provePlan(planOf(a), a.policy).value;
    expect(proof).toBeDefined();
    expect(provePlan(planOf(b), b.policy).value).toBe(proof);
  });
});

it('a policy that means another number by one argument has a filter of its own, which no proof of the other one covers', () => {
  const [a, b] = [compiled('a', ON_A_LINE), compiled('b', ON_A_LINE.replace('7', '8'))];
  expect(planOf(b).filter).not.toEqual(planOf(a).filter);
  expect(provePlan(planOf(a), a.policy).value).toBeDefined();
  expect(provePlan({ ...planOf(b), filter: planOf(a).filter }, b.policy).value).toBeUndefined();
});

/** Two answers to reported calls with one number: the supervisor sees the number alone. */
const CONTRADICTING =
  'syscalls:\n  rules:\n    - {names: [kill], args: {sig: 1}, action: errno, errno: EPERM, report: daemon}\n' +
  '    - {names: [kill], args: {sig: 2}, action: errno, errno: ENOENT, report: daemon}\n';

it('what is to be said of such system calls is said of each policy, at its own place', () => {
  const found = ['a', 'b'].map((name) => placesOf(compiled(name, CONTRADICTING).diagnostics, `${name}.yaml`));
  expect(found[0]).not.toEqual([]);
  expect(found[1]).toEqual(found[0]);
});
