import { expect, it } from 'vitest';
import type { EffectivePolicy } from '../../../../src/policy/types.js';
import { shippedPolicy } from '../../../policy/shipped.js';
import { job } from './perfect.js';
import { policyDifferences } from './policy-values.js';
import type { RawEntry, RawProcess } from './raw.js';
import type { SeenLimits } from './receipt-facts.js';

const policy = shippedPolicy('strict');

const directory: RawEntry = { mode: 0o40000, uid: 0, gid: 0, rdev: 0, link: '' };

/** A job that has just what the policy says, as the kernel writes it. */
function jobOf(from: EffectivePolicy): RawProcess {
  const { limits, environment, hostname, workingDirectory, mounts, root, devices, requestMounts } = from;
  const rows = {
    ...{ 'open files': limits.openFiles, 'file size': limits.fileSize, 'stack size': limits.stack },
    ...{ 'locked memory': limits.lockedMemory, 'core file size': { value: 1n } },
  };
  const texts = {
    limits: ['Limit', ...Object.entries(rows).map(([name, { value }]) => `Max ${name}  ${value}  ${value}`)].join('\n'),
    environ: [...environment].map(([name, { value }]) => `${name}=${value}\0`).join(''),
    mountinfo: mounts
      .filter(({ kind, optional }) => (kind === 'bind' || kind === 'tmpfs') && !optional)
      .map((mount, id) => {
        const options = [mount.kind === 'bind' && mount.readOnly ? 'ro' : 'rw', ...(mount.noexec ? ['noexec'] : [])];
        return `${id} 0 0:1 / ${mount.target} ${options} - tmpfs none rw`;
      })
      .join('\n'),
  };
  const rooms = mounts.flatMap((mount) => (mount.kind === 'tmpfs' ? [{ ...mount, point: mount.target }] : []));
  const parents = Object.values(requestMounts.parents.value).map((point) => ({
    ...requestMounts.parentTmpfs.value,
    point,
  }));
  const sizes = [{ ...root.value, point: '/' }, ...rooms, ...parents].map(({ point, size, inodes }) => {
    return [point, { bytes: Number(size), inodes: Number(inodes) }] as const;
  });
  return {
    ...{ ...job, texts: { ...job.texts, ...texts }, links: { ...job.links, cwd: workingDirectory.value } },
    ...{ hostname: hostname.value, userNamespacesMax: Number(limits.userNamespaces.value) },
    sizes: Object.fromEntries(sizes),
    tree: Object.fromEntries([
      ...parents.map(({ point, mode }) => [point, { ...directory, mode: directory.mode | mode }]),
      ...devices.map(({ value }) => [`/dev/${value}`, { ...directory, mode: 0o20666, rdev: 259 }]),
    ]),
  };
}

const { memory, swap, pids, milliCpus } = policy.limits;
const group: SeenLimits = {
  ...{ version: 2, memory: Number(memory.value.default), swap: Number(swap.value), pids: Number(pids.value) },
  ...{ cpu_quota_us: Number(milliCpus.value), cpu_period_us: 1000, cpu_time: true },
};

const right = jobOf(policy);
const namesOf = (found: RawProcess, limits = group) =>
  policyDifferences(found, policy, limits).map(({ fact, found: value }) => `${fact}: ${JSON.stringify(value)}`);

function masked(umask: string): RawProcess['threads'] {
  const [thread] = Object.values(right.threads);
  if (thread === undefined) throw new Error('a process has a thread');
  return { [right.pid]: { ...thread, status: thread.status.replace('0022', umask) } };
}

it('finds nothing where the job has what the policy says', () => {
  expect(namesOf(right)).toEqual([]);
});

it.each<[string, RawProcess, string]>([
  ['another limit', { ...right, texts: { ...right.texts, limits: '' } }, 'limit Max open files: undefined'],
  ['another name', { ...right, hostname: 'host' }, 'hostname: "host"'],
  ['no variables', { ...right, texts: { ...right.texts, environ: 'LANG=C\0' } }, 'variable LANG: "C"'],
  ['another directory', { ...right, links: { ...right.links, cwd: '/' } }, 'cwd: "/"'],
  ['a smaller root', { ...right, sizes: {} }, 'room of /: undefined'],
  ['no mounts', { ...right, texts: { ...right.texts, mountinfo: '' } }, 'mount /usr is read-only: undefined'],
  ['another id', { ...right, texts: { ...right.texts, uid_map: '7 2000 1\n' } }, 'uid inside: 7'],
  ['another group', { ...right, texts: { ...right.texts, gid_map: '8 2000 1\n' } }, 'gid inside: 8'],
  ['another mask', { ...right, threads: masked('0027') }, 'umask: "0027"'],
  ['no devices', { ...right, tree: {} }, 'devices: []'],
  ['other parents', { ...right, tree: { ...right.tree, '/mnt/ro': directory } }, 'mode of /mnt/ro: 0'],
  [
    'a smaller parent',
    { ...right, sizes: { ...right.sizes, '/mnt/rw': { bytes: 1, inodes: 2 } } },
    'room of /mnt/rw: {"size":1,"inodes":2}',
  ],
  ['user namespaces', { ...right, userNamespacesMax: 7 }, 'user namespaces at most: 7'],
])('finds %s', (_, wrong, difference) => {
  expect(namesOf(wrong)).toContain(difference);
});

it('finds another limit of the control group, and asks for none where there is none', () => {
  expect(namesOf(right, { ...group, pids: 1, swap: null })).toEqual(['group pids: 1', 'group swap: null']);
  const none = { memory: null, swap: null, pids: null, cpu_quota_us: null, cpu_period_us: null, cpu_time: false };
  expect(namesOf(right, { version: 0, ...none })).toEqual([]);
});
