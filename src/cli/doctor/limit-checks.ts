import { type Finding, ok, warn } from './finding.js';
import type { HostFacts } from './host-facts.js';
import type { KernelFacts } from './kernel-facts.js';

const NEEDED = ['memory', 'pids', 'cpu'];

/**
 * Whether limits on memory, tasks and processor time can be enforced. Never `fail`: the policy's `whenUnavailable` decides
 * whether a job runs without.
 */
export function limitChecks(facts: HostFacts, probe: KernelFacts | undefined): Finding[] {
  return [controllers(facts), delegation(facts, probe)];
}

function controllers({ cgroup }: HostFacts): Finding {
  const unified = NEEDED.filter((name) => cgroup.unified?.includes(name));
  if (unified.length === NEEDED.length) return ok('cgroup', `v2 with ${unified.join(', ')}`);
  const legacy = NEEDED.filter((name) => cgroup.legacy.includes(name));
  if (legacy.length === NEEDED.length) return ok('cgroup', `v1 with ${legacy.join(', ')}`);
  const found = [...new Set([...unified, ...legacy])];
  const missing = NEEDED.filter((name) => !found.includes(name));
  const remedy = 'mount cgroup2 with these controllers (kernel parameter systemd.unified_cgroup_hierarchy=1)';
  return warn('cgroup', `without ${missing.join(', ')}: these limits cannot be enforced`, remedy);
}

function delegation({ uid, cgroup }: HostFacts, probe: KernelFacts | undefined): Finding {
  if (probe === undefined) return ok('cgroup rights', 'known when native parts are built');
  const { version, directory, writable } = probe.cgroup;
  if (version === 0) return warn('cgroup rights', 'no usable hierarchy', 'see the line above');
  if (writable) return ok('cgroup rights', `v${version}, ${uid === 0 ? 'as root' : directory}`);
  const what = `${directory ?? 'this process’s group'} is not writable: limits are reported as not enforced`;
  if (uid !== 0 && cgroup.unified !== undefined && version === 2) {
    const remedy = 'systemd-run --user --scope -p Delegate=yes leeward ..., or Delegate=yes in the unit of the daemon';
    return warn('cgroup rights', what, remedy);
  }
  return warn('cgroup rights', what, 'run the daemon as root, or on a host with cgroup v2 and a delegated subtree');
}
