import type { KernelTable } from '../../kernel/types.js';
import type { PlanLimits, ResourceLimit } from '../../plan/plan.js';
import type { EffectiveLimits } from '../types.js';

/** cpu.max is a quota in each period; the kernel's own default period. */
const CPU_PERIOD_US = 100_000n;

/**
 * What the cgroup, the job's user namespace and the supervisor's clock enforce. A request can only lower them: the plan has the
 * maxima.
 */
export function planLimits(limits: EffectiveLimits): PlanLimits {
  const { service, rootless } = limits.whenUnavailable.value;
  return {
    memoryMax: limits.memory.value.max,
    swapMax: limits.swap.value,
    pidsMax: limits.pids.value,
    userNamespacesMax: Number(limits.userNamespaces.value),
    cpuQuotaUs: (limits.milliCpus.value * CPU_PERIOD_US) / 1000n,
    cpuPeriodUs: CPU_PERIOD_US,
    cpuTimeUs: limits.cpuTime.value,
    timeoutMs: limits.timeout.value.max,
    stdoutMax: limits.stdout.value,
    stderrMax: limits.stderr.value,
    claimsMax: limits.claims.value,
    unavailableService: service,
    unavailableRootless: rootless,
  };
}

/** What setrlimit(2) enforces, by resource number. Soft and hard are equal: there is nothing that a job could raise. */
export function resourceLimits(limits: EffectiveLimits, table: KernelTable): ResourceLimit[] {
  // With 0 a core_pattern that pipes to a program still runs it, as root on the host; 1 makes the kernel skip it
  // (core(5)).
  const core = limits.core.value === 0n ? 1n : limits.core.value;
  const values: readonly (readonly [string, bigint])[] = [
    ['RLIMIT_NOFILE', limits.openFiles.value],
    ['RLIMIT_FSIZE', limits.fileSize.value],
    ['RLIMIT_CORE', core],
    ['RLIMIT_STACK', limits.stack.value],
    ['RLIMIT_MEMLOCK', limits.lockedMemory.value],
  ];
  return values
    .map(([name, value]) => ({ resource: constantOf(table, name), soft: value, hard: value }))
    .sort((a, b) => a.resource - b.resource);
}

/** A constant that every kernel's headers have. */
export function constantOf(table: KernelTable, name: string): number {
  const value = table.constant(name);
  if (value === undefined) throw new Error(`the kernel table has no ${name}`);
  return Number(value);
}
