import { describe, expect, it } from 'vitest';
import { compileShipped, fakeHost, readFile, resolveText, shippedRuntime } from '../../../test/policy/shipped.js';
import { compilePolicy } from '../../policy/index.js';
import type { CompiledPolicy } from '../../policy/types.js';
import type { JobResult } from '../../protocol/messages.gen.js';
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
const crossing = (compiled: CompiledPolicy, name: string, maxWait = 3000n) =>
  jobLimits(compiled, programOf(compiled), { peak: 10 * MIB, maxWait }).find((one) => one.name === name);
const python = compileShipped('python', 'x86_64');

describe('jobLimits', () => {
  it('asks for as little memory as crosses the limit, and never for more than the policy gives', () => {
    expect(crossing(python, 'memory')?.job?.memory_limit).toBe(75 * MIB);
    expect(crossing(python, 'memory')?.expected).toContain('which the request asks for (policy: 4GiB)');
    const small = crossing(compiledWith('memory: 32MiB'), 'memory');
    expect(small?.job?.memory_limit).toBe(32 * MIB);
    expect(small?.expected).toBe('oom_killed at 32MiB');
  });

  it('waits for the policy’s own time-out where that is short, else for half a second that a request asks for', () => {
    expect(crossing(python, 'timeout')?.job?.timeout_secs).toBe(0.5);
    expect(crossing(python, 'timeout')?.expected).toContain('which the request asks for (policy: 30s)');
    const own = crossing(compiledWith('timeout: {default: 900ms, max: 2s}'), 'timeout');
    expect(own).toMatchObject({ expected: 'timed_out after 900ms', job: { code: expect.any(String) } });
    expect(own?.job).not.toHaveProperty('timeout_secs');
    expect(crossing(python, 'timeout', 30_000n)?.expected).toBe('timed_out after 30s');
  });

  it('takes a job that ended before its time for one that the time-out did not end', () => {
    const own = crossing(compiledWith('timeout: {default: 900ms, max: 2s}'), 'timeout');
    const ended = { status: 'timed_out', timed_out: true } as JobResult;
    expect(own?.held({ ...ended, duration_ms: 900 })).toBe(true);
    expect(own?.held({ ...ended, duration_ms: 600 })).toBe(false);
  });

  it('crosses processor time where that is short enough, and says why not where it is long', () => {
    expect(crossing(python, 'cpuTime')).toMatchObject({
      reason: expect.stringContaining('1h is longer than is waited'),
    });
    expect(crossing(python, 'cpuTime')?.job).toBeUndefined();
    expect(crossing(compiledWith('cpuTime: 800ms'), 'cpuTime')?.job?.code).toContain('process_time() < 2.6');
    const half = compiledWith('cpuTime: 2s, cpus: 0.5');
    expect(crossing(half, 'cpuTime')?.reason).toContain('4s is longer');
    expect(crossing(half, 'cpuTime', 4000n)?.job?.timeout_secs).toBe(17);
    expect(crossing(compiledWith('cpuTime: 2s, timeout: 1s'), 'cpuTime')?.reason).toContain(
      'time-out, 1s, comes before',
    );
  });

  it('writes more about an exception than may be written, and wants it cut at the limit', () => {
    const own = crossing(compiledWith('claims: 5KiB'), 'claims');
    const error = { name: 'x'.repeat(5 << 10), value: '', traceback: '', lossy: true };
    const held = (change: Partial<typeof error>) => own?.held({ error: { ...error, ...change } } as JobResult);
    expect(held({})).toBe(true);
    expect(held({ lossy: false })).toBe(false);
    expect(held({ name: 'x'.repeat(6 << 10) })).toBe(false);
    expect(held({ name: 'x'.repeat(4 << 10) })).toBe(false);
    expect(held({ name: 'x'.repeat(4 << 10), value: 'x'.repeat(1023) })).toBe(true);
    expect(own?.held({ error: null } as JobResult)).toBe(false);
    expect(crossing(compiledWith('claims: 0'), 'claims')?.held({ error: null } as JobResult)).toBe(true);
    expect(crossing(compiledWith('claims: 1MiB'), 'claims')?.reason).toContain('1MiB are more than is passed on');
  });

  it('has more calls refused than are answered at once, and wants the rest to wait', () => {
    const own = crossing(python, 'denials');
    expect(own?.expected).toBe('589 refused calls take 333ms or more: 256 at once, then 1000 a second');
    const [nr = -1, ...args] = [...(own?.job?.code ?? '').matchAll(/c_long\((-?\d+)\)/g)].map(([, value]) =>
      Number(value),
    );
    const call = { nr, args: args.map((value) => BigInt.asUintN(64, BigInt(value))) };
    expect(programOf(python).answer(call).kind).toBe('errno');
    expect(programOf(python).isNotified(call)).toBe(true);
    const held = (count: number, duration_ms: number) =>
      own?.held({ denials: [{ nr, count }], duration_ms } as JobResult);
    expect([held(589, 333), held(588, 333), held(589, 332)]).toEqual([true, false, false]);
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
    expect(names).toEqual(expect.arrayContaining(['openFiles', 'fileSize', 'lockedMemory', 'stack']));
  });

  it('lets the stack grow to its limit and not beyond, where nothing else lies there', () => {
    const sizes = (limits: string) =>
      derived(compiledWith(limits)).attempts.flatMap(({ do: action, with: given, accepted }) =>
        action === 'stack' ? [[Number(given['size']) / MIB, accepted.kind]] : [],
      );
    expect(sizes('stack: 9MiB')).toEqual([
      [8, 'works'],
      [10, 'signal'],
    ]);
    expect(sizes('stack: 1GiB')).toEqual([]);
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
