/** Limits of control groups that are not crossed, as the supervisor has read them back. Pure. */

import { placeText } from '../../policy/render/place-text.js';
import type { CompiledPolicy, Origin } from '../../policy/types.js';
import type { Receipt } from '../../protocol/messages.gen.js';
import type { ProbeResult } from '../result.js';

/** @param receipt of any job; undefined when there was none */
export function groupLimits({ plan, policy }: CompiledPolicy, receipt: Receipt | undefined): ProbeResult[] {
  if (receipt === undefined) return [];
  const { cpuQuotaUs, cpuPeriodUs } = plan.limits;
  const { cgroup } = receipt;
  const { cpu_quota_us: quota, cpu_period_us: period } = cgroup.limits;
  const isSame = quota !== null && period !== null && BigInt(quota) * cpuPeriodUs === cpuQuotaUs * BigInt(period);
  const swap = cgroup.enforced.includes('swap');
  return [
    resultOf(
      'cpus',
      'cpu',
      `${cpuQuotaUs} us of ${cpuPeriodUs}`,
      isSame,
      `${quota} us of ${period}`,
      cgroup,
      policy.limits.milliCpus.origin,
    ),
    resultOf('swap', 'swap', `${plan.limits.swapMax} bytes`, swap, 'enforced', cgroup, policy.limits.swap.origin),
  ];
}

function resultOf(
  name: string,
  limit: string,
  expected: string,
  isHeld: boolean,
  seen: string,
  { not_enforced }: Receipt['cgroup'],
  origin: Origin,
): ProbeResult {
  const base = {
    area: 'limits',
    name,
    expected: `${expected}, read back by the supervisor`,
    place: placeText(origin),
    hint: null,
  } as const;
  if (not_enforced.includes(limit)) return { ...base, outcome: 'SKIPPED', seen: notEnforced(limit) };
  return { ...base, outcome: isHeld ? 'BLOCKED' : 'ESCAPED', seen };
}

/** Why a limit is not tried. */
export function notEnforced(limit: string): string {
  return `this host cannot limit it for this user: the receipt's not_enforced has ${limit}`;
}
