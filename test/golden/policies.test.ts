import { describe, expect, it } from 'vitest';
import { kernelTable } from '../../src/kernel/table.js';
import { ARCHES } from '../../src/kernel/types.js';
import { checkFilter } from '../../src/plan/bpf/check.js';
import { simulate } from '../../src/plan/bpf/simulate.js';
import { encodePlan } from '../../src/plan/encode.js';
import { checkedCalls } from '../../src/policy/check/boundaries.js';
import { coverageOf, lintPolicy, provePlan, renderBpf, renderPlan, runSimulatedTests } from '../../src/policy/index.js';
import { builtinPath, builtinReferences } from '../../src/policy/resolve/builtins.js';
import {
  compileShipped,
  findingsText,
  loaderWith,
  readFile,
  SHIPPED,
  shippedPolicy,
  WITH_OWN_FILTER,
} from '../policy/shipped.js';

const cases = SHIPPED.flatMap((name) => ARCHES.map((arch) => ({ name, arch })));

describe.each(cases)('$name on $arch', ({ name, arch }) => {
  const compiled = compileShipped(name, arch);

  it('is the plan of the golden file', async () => {
    await expect(renderPlan(compiled)).toMatchFileSnapshot(`${name}/${arch}.plan.txt`);
  });

  it('is the filter of the golden file', async () => {
    await expect(renderBpf(compiled)).toMatchFileSnapshot(`${name}/${arch}.bpf.txt`);
  });

  it('is a plan that the native side takes', () => {
    expect(encodePlan(compiled.plan).length).toBeGreaterThan(0);
    expect(checkFilter(compiled.plan.filter, false)).toBeUndefined();
  });

  it('means what the policy says', () => {
    expect(findingsText(provePlan(compiled.plan, compiled.policy).diagnostics)).toBe('');
  });

  it('has no instruction that its cases do not execute', () => {
    const executed = new Set<number>();
    for (const event of checkedCalls(compiled.policy.syscalls, kernelTable(arch))) {
      for (const index of simulate(compiled.plan.filter, event).trace) executed.add(index);
    }
    const missed = compiled.plan.filter.map((_, index) => index).filter((index) => !executed.has(index));
    expect(missed).toEqual([]);
  });

  it('passes its own tests', () => {
    const { run, diagnostics } = runSimulatedTests(shippedPolicy(name), arch);
    // A call that only one architecture has is a warning on the other.
    expect(findingsText(diagnostics.filter(({ severity }) => severity === 'error'))).toBe('');
    expect(run.failed).toBe(0);
    expect(run.passed).toBeGreaterThan(5);
  });
});

it.each(SHIPPED)('%s has a test for each line that decides about system calls', (name) => {
  const { lines, missed } = coverageOf(shippedPolicy(name));
  expect(lines.length > 0).toBe(WITH_OWN_FILTER.some((own) => own === name));
  expect(missed.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual([]);
});

it.each(ARCHES)('python-ml has the filter of python-data on %s, and so all that is proven of that', (arch) => {
  const [ml, data] = ['python-ml', 'python-data'].map((name) => compileShipped(name, arch).plan);
  expect(ml?.filter).toEqual(data?.filter);
  expect(ml?.notify).toEqual(data?.notify);
});

it('lints clean, the base and the groups too', () => {
  const files = builtinReferences().map((reference) => readFile(builtinPath(reference) ?? ''));
  expect(findingsText(lintPolicy(files, loaderWith()).diagnostics)).toBe('');
});

it('has the founding limits in every policy', () => {
  for (const name of SHIPPED) {
    const { plan, policy } = compileShipped(name, 'x86_64');
    expect(policy.limits.memory.value).toEqual({ default: 4n << 30n, max: 4n << 30n });
    expect(policy.limits.timeout.value.max).toBeGreaterThanOrEqual(300_000n);
    const { memoryMax, swapMax, pidsMax, cpuQuotaUs, cpuPeriodUs } = plan.limits;
    expect({ memoryMax, swapMax, pidsMax, cpuQuotaUs, cpuPeriodUs }).toEqual({
      memoryMax: 4n << 30n,
      swapMax: 0n,
      pidsMax: 64n,
      cpuQuotaUs: 100_000n,
      cpuPeriodUs: 100_000n,
    });
    expect(plan.mounts.find(({ target }) => target === '/tmp')).toMatchObject({ kind: 'tmpfs', size: 100n << 20n });
  }
});

it('lets strict make the founding calls, and those a process cannot live without', () => {
  const founding =
    'read write close fstat lseek mmap mprotect munmap brk rt_sigaction rt_sigprocmask ioctl access dup dup2 getpid getuid ' +
    'getgid geteuid getegid fcntl openat newfstatat exit exit_group futex getrandom clock_gettime clock_nanosleep';
  const vital = ['rt_sigreturn', 'rseq', 'restart_syscall'];
  const allowed = new Set(shippedPolicy('strict').syscalls.allow.map(({ syscall }) => syscall));
  expect([...allowed].sort()).toEqual([...founding.split(' '), ...vital].sort());
});
