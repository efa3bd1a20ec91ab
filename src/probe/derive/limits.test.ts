import { describe, expect, it } from 'vitest';
import { compileShipped, fakeHost, readFile, resolveText, shippedRuntime } from '../../../test/policy/shipped.js';
import { compilePolicy } from '../../policy/index.js';
import type { CompiledPolicy } from '../../policy/types.js';
import { Program } from '../program.js';
import { jobLimits } from './job-limits.js';
import { processLimits } from './process-limits.js';

const MIB = 1 << 20;

/** python, with these limits. */
function compiledWith(limits: string): CompiledPolicy {
  const source = `version: 1\nkind: Policy\nname: test\nextends: [builtin:python@1]\nruntime: python\nlimits: {${limits}}\n`;
  const { value: policy } = resolveText(source, { python: readFile('policies/python.yaml').text });
  const { value } = policy === undefined ? {} : compilePolicy(policy, shippedRuntime('python'), fakeHost());
  if (value === undefined) throw new Error('does not compile');
  return value;
}

const programOf = ({ plan, policy }: CompiledPolicy) => new Program(plan, policy.syscalls);
const crossing = (compiled: CompiledPolicy, name: string, peak: number | null = 10 * MIB) =>
  jobLimits(compiled, programOf(compiled), peak).find((one) => one.name === name);
const python = compileShipped('python', 'x86_64');

describe('jobLimits', () => {
  it('asks for as little memory as crosses the limit, and never for more than the policy gives', () => {
    expect(crossing(python, 'memory')?.job?.memory_limit).toBe(75 * MIB);
    expect(crossing(python, 'memory')?.expected).toContain('which the request asks for (policy: 4GiB)');
    const small = crossing(compiledWith('memory: 32MiB'), 'memory');
    expect(small?.job?.memory_limit).toBe(32 * MIB);
    expect(small?.expected).toBe('oom_killed at 32MiB');
  });

  it('waits no longer for a time-out than half a second, and than processor time lasts', () => {
    expect(crossing(python, 'timeout')?.job?.timeout_secs).toBe(0.5);
    expect(crossing(compiledWith('cpuTime: 300ms'), 'timeout')?.job?.timeout_secs).toBe(0.15);
    expect(crossing(compiledWith('timeout: {default: 100ms, max: 200ms}'), 'timeout')?.expected).toBe(
      'timed_out after 200ms',
    );
  });

  it('crosses processor time where that is short, and says why not where it is long', () => {
    expect(crossing(python, 'cpuTime')).toMatchObject({ reason: expect.stringContaining('1h would take too long') });
    expect(crossing(python, 'cpuTime')?.job).toBeUndefined();
    expect(crossing(compiledWith('cpuTime: 800ms'), 'cpuTime')?.job?.code).toContain('process_time() < 2.6');
  });

  it('makes threads only where the filter does', () => {
    expect(crossing(python, 'pids')?.job?.code).toContain('made <= 64');
    expect(crossing(compileShipped('strict', 'x86_64'), 'pids')?.reason).toBe('the filter lets no thread be made');
  });

  it('has the place of each limit', () => {
    const own = compiledWith('pids: 8');
    expect(crossing(own, 'pids')?.origin.file).toBe('test.yaml');
    expect(crossing(own, 'memory')?.origin.file).toBe('policies/builtin/base.yaml');
  });
});

describe('processLimits', () => {
  const derived = (compiled: CompiledPolicy) => processLimits(compiled, programOf(compiled));

  it('asks the kernel for each value, and crosses those that have an errno', () => {
    const names = derived(python).attempts.map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('value of'))).toHaveLength(python.plan.rlimits.length);
    expect(names).toEqual(expect.arrayContaining(['openFiles', 'fileSize', 'lockedMemory']));
  });

  it('crosses nothing that takes too long', () => {
    const { untried, attempts } = derived(compiledWith('openFiles: 100000'));
    expect(untried.map(({ name }) => name)).toContain('openFiles');
    expect(attempts.map(({ name }) => name)).not.toContain('openFiles');
  });

  it('makes no call that the filter would kill for', () => {
    const { untried } = derived(python);
    expect(untried.find(({ name }) => name === 'userNamespaces')?.reason).toContain('the filter refuses unshare');
  });
});
