import { describe, expect, it } from 'vitest';
import { expectedLimits } from './expected-process.js';
import { host, job, supervisor, surroundings } from './perfect.js';
import type { RawProcess, RawThread } from './raw.js';
import { differencesOfProcess } from './worker-differences.js';

const init: RawProcess = { ...job, namespaces: { ...host.namespaces, ...pick('pid', 'mnt', 'net', 'ipc', 'uts') } };

function pick(...kinds: readonly string[]): Record<string, string> {
  return Object.fromEntries(kinds.map((kind) => [kind, job.namespaces[kind] ?? '']));
}

function differing(raw: RawProcess, poolInit: RawProcess = host): readonly string[] {
  const others = { 'job init': init, 'pool init': poolInit, supervisor, host };
  return differencesOfProcess({ role: 'job', raw, others, session: 77 }, surroundings).map(({ fact }) => fact);
}

const text = (name: string, value: string | null): RawProcess => ({ ...job, texts: { ...job.texts, [name]: value } });
const mounts = (from: string, to: string): RawProcess => {
  const mountinfo = (job.texts['mountinfo'] ?? '').replace(from, to);
  expect(mountinfo).not.toBe(job.texts['mountinfo']);
  return text('mountinfo', mountinfo);
};
const second = (change: Partial<RawThread>): RawProcess => {
  return { ...job, threads: { ...job.threads, 78: { ...(job.threads['78'] as RawThread), ...change } } };
};
const status = (from: string, to: string): RawProcess => {
  const before = (job.threads['78'] as RawThread).status;
  expect(before).toContain(from);
  return second({ status: before.replace(from, to) });
};
const descriptor = (number: string, change: object): RawProcess => {
  const standard = { link: 'pipe:[9]', format: 0o10000, rdev: 0, flags: 0 };
  return {
    ...job,
    descriptors: { ...job.descriptors, [number]: { ...standard, ...job.descriptors[number], ...change } },
  };
};
const entry = (path: string, change: object): RawProcess => {
  const made = { mode: 0o100644, uid: 0, gid: 0, rdev: 0, link: '' };
  return { ...job, tree: { ...job.tree, [path]: { ...made, ...job.tree[path], ...change } } };
};

/** One deviation each, and the fact by which it has to be found. */
const DEVIATIONS: readonly (readonly [deviation: string, raw: () => RawProcess, fact: string])[] = [
  // The threads: it is enough that the last one differs.
  ['no seccomp', () => status('Seccomp:\t2', 'Seccomp:\t0'), 'thread 78: Seccomp'],
  ['a second filter', () => status('Seccomp_filters:\t1', 'Seccomp_filters:\t2'), 'thread 78: Seccomp_filters'],
  ['another program', () => second({ filters: ['0600000000000000'] }), 'thread 78: filters'],
  ['a program more', () => second({ filters: [...(job.threads['78']?.filters ?? []), '06'] }), 'thread 78: filters'],
  ['no program', () => second({ filters: [] }), 'thread 78: filters'],
  ['no_new_privs unset', () => status('NoNewPrivs:\t1', 'NoNewPrivs:\t0'), 'thread 78: NoNewPrivs'],
  ...['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map(
    (set) =>
      [set, () => status(`${set}:\t0000000000000000`, `${set}:\t0000000000000001`), `thread 78: ${set}`] as const,
  ),
  ['the saved uid of root', () => status('2000\t2000\nGid', '2000\t0\nGid'), 'thread 78: Uid'],
  ['another effective gid', () => status('Gid:\t2000\t2000', 'Gid:\t2000\t0'), 'thread 78: Gid'],
  ['a supplementary group', () => status('Groups:\t', 'Groups:\t27'), 'thread 78: Groups'],
  ['a blocked signal', () => status('SigBlk:\t0', 'SigBlk:\t1'), 'thread 78: SigBlk'],
  ['an ignored signal', () => status('SigIgn:\t0000000001', 'SigIgn:\t0000000081'), 'thread 78: SigIgn'],
  ['a handled signal', () => status('SigCgt:\t0', 'SigCgt:\t1'), 'thread 78: SigCgt'],
  ['a pending signal', () => status('SigPnd:\t0', 'SigPnd:\t1'), 'thread 78: SigPnd'],
  ['another umask', () => status('0022', '0000'), 'thread 78: Umask'],
  ['a tracer', () => status('TracerPid:\t0', 'TracerPid:\t5'), 'thread 78: TracerPid'],
  ['fewer processors', () => status('list:\t0-1', 'list:\t0'), 'thread 78: Cpus_allowed_list'],
  ['another affinity', () => second({ affinity: [1] }), 'thread 78: affinity'],
  ['another control group', () => second({ cgroup: '2:memory:/\n1:cpuset:/\n' }), 'thread 78: cgroup memory'],
  ['one hierarchy more', () => second({ cgroup: `${job.threads['78']?.cgroup}0::/\n` }), 'thread 78: cgroup '],
  ['a nice value', () => second({ nice: -5 }), 'thread 78: nice'],
  ['a real-time scheduler', () => second({ scheduler: 1 }), 'thread 78: scheduler'],
  ['a real-time priority', () => second({ rt_priority: 9 }), 'thread 78: real-time priority'],
  ['an I/O priority', () => second({ ioprio: 8192 }), 'thread 78: ioprio'],
  ['timer slack', () => second({ timerslack: '1\n' }), 'thread 78: timer slack'],
  ['another session', () => second({ stat: '78 (a) b) S 1 5 5 0 -1 0' }), 'thread 78: session'],
  ['a controlling terminal', () => second({ stat: '78 (a) b) S 1 77 77 34816 -1 0' }), 'thread 78: session'],
  // The process.
  ['a wider uid map', () => text('uid_map', '0 2000 2\n'), 'uid_map'],
  ['a second line of the gid map', () => text('gid_map', '0 2000 1\n1 0 1\n'), 'gid_map'],
  ['setgroups', () => text('setgroups', 'allow\n'), 'setgroups'],
  ['a limit', () => text('limits', (job.texts['limits'] ?? '').replace('256', '512')), 'limit Max open files'],
  [
    'a limit not in the plan',
    () => text('limits', `${job.texts['limits']}Max stack size  1  1  bytes\n`),
    'limit Max stack size',
  ],
  ['oom_score_adj', () => text('oom_score_adj', '-900\n'), 'oom_score_adj'],
  ['personality', () => text('personality', '00040000\n'), 'personality'],
  ['coredump_filter', () => text('coredump_filter', '000001ff\n'), 'coredump_filter'],
  ['an argument', () => text('cmdline', '/usr/bin/python3\0'), 'cmdline'],
  ['a variable', () => text('environ', 'HOME=/tmp\0AWS_SECRET=x\0'), 'environ'],
  ['a route', () => text('net/route', 'Iface\neth0\n'), 'routes'],
  ['a socket', () => text('net/unix', 'Num\n0: 2\n'), 'unix sockets'],
  ['an address', () => text('net/if_inet6', '01 lo\n'), 'addresses'],
  ['dumpable', () => ({ ...job, owner: [2000, 2000] }), 'owner'],
  ['set-id image', () => ({ ...job, auxiliary: { ...job.auxiliary, AT_SECURE: 1 } }), 'auxiliary AT_SECURE'],
  ['another root', () => ({ ...job, links: { ...job.links, root: '/old' } }), 'root'],
  ['another directory', () => ({ ...job, links: { ...job.links, cwd: '/' } }), 'cwd'],
  ['another image', () => ({ ...job, links: { ...job.links, exe: '/usr/bin/node' } }), 'exe'],
  ['the host’s name', () => ({ ...job, hostname: 'vm' }), 'hostname'],
  ['a user namespace more', () => ({ ...job, userNamespacesMax: 3 }), 'user namespaces at most'],
  ['a domain', () => ({ ...job, domainname: 'example' }), 'domainname'],
  ['a running loopback', () => ({ ...job, interfaces: { lo: 73 } }), 'interfaces'],
  ['an interface', () => ({ ...job, interfaces: { lo: 8, eth0: 1 } }), 'interfaces'],
  // Descriptors.
  ['a descriptor more', () => descriptor('5', { link: '/data', format: 0o40000 }), 'descriptor 5'],
  ['an event descriptor', () => descriptor('6', { link: 'anon_inode:[eventpoll]', format: 0 }), 'descriptor 6'],
  ['a readable standard output', () => descriptor('1', { flags: 2 }), 'descriptor 1'],
  ['claims that children inherit', () => descriptor('4', { flags: 1 }), 'descriptor 4'],
  ['a non-blocking input', () => descriptor('0', { flags: 0o4000 }), 'descriptor 0'],
  ['a socket for standard input', () => descriptor('0', { link: 'socket:[1]', format: 0o140000 }), 'descriptor 0'],
  // Namespaces.
  ...['user', 'pid', 'mnt', 'net', 'ipc', 'uts', 'cgroup'].map((kind) => {
    const namespaces = { ...job.namespaces, [kind]: host.namespaces[kind] ?? '' };
    return [`the host's ${kind} namespace`, () => ({ ...job, namespaces }), `namespace ${kind} shared with`] as const;
  }),
  // Mounts and what lies there.
  ['a mount more', () => mounts('18 16', '19 10 8:1 / /host ro - ext4 /dev/sda rw\n18 16'), 'mount /host'],
  ['a mount less', () => mounts(/^14 .*\n/m.exec(job.texts['mountinfo'] ?? '')?.[0] ?? '', ''), 'mount /proc'],
  ['one mount over another', () => mounts('18 16', '19 13 0:60 / /tmp rw - tmpfs none rw\n18 16'), 'mount /tmp #2'],
  ['a writable root', () => mounts('/ / ro,', '/ / rw,'), 'mount /'],
  ['nosuid missing', () => mounts('/usr ro,nosuid,', '/usr ro,'), 'mount /usr'],
  ['nodev missing', () => mounts('/usr ro,nosuid,nodev,', '/usr ro,nosuid,'), 'mount /usr'],
  ['noexec missing', () => mounts('/tmp rw,nosuid,nodev,noexec,', '/tmp rw,nosuid,nodev,'), 'mount /tmp'],
  ['a writable submount', () => mounts('/usr/local ro,', '/usr/local rw,'), 'mount /usr/local'],
  [
    'propagation',
    () => mounts('/usr ro,nosuid,nodev,noatime -', '/usr ro,nosuid,nodev,noatime master:1 -'),
    'mount /usr',
  ],
  ['the whole proc', () => mounts(',subset=pid', ''), 'mount /proc'],
  ['another file system', () => mounts('- xfs', '- fuse'), 'mount /usr/local'],
  ['another source', () => mounts('8:1 /usr /usr', '8:1 / /usr'), 'mount /usr'],
  ['a mount that is not id-mapped', () => mounts(',idmapped', ''), 'mount /mnt/ro/input'],
  ['more space', () => ({ ...job, sizes: { ...job.sizes, '/tmp': { bytes: 1 << 30, inodes: 64 } } }), 'size of /tmp'],
  ['no bound of inodes', () => ({ ...job, sizes: { ...job.sizes, '/': { bytes: 1 << 20, inodes: 0 } } }), 'size of /'],
  ['a device more', () => entry('/dev/kmsg', { mode: 0o20644, rdev: 267 }), 'entry /dev/kmsg'],
  ['another device', () => entry('/dev/null', { rdev: 1 }), 'entry /dev/null'],
  ['a writable parent', () => entry('/mnt/rw', { mode: 0o40777 }), 'entry /mnt/rw'],
  ['a link elsewhere', () => entry('/lib', { link: '/proc/1/root' }), 'entry /lib'],
  ['a directory of the job’s', () => entry('/mnt', { uid: 2000 }), 'entry /mnt'],
  ['what is left of the old root', () => entry('/.old', {}), 'entry /.old'],
];

describe('a job against its plan', () => {
  it('has no difference when everything is as planned', () => {
    expect(differing(job)).toEqual([]);
  });

  it.each(DEVIATIONS)('%s', (_, raw, fact) => {
    const found = differing(raw());
    expect(found.filter((name) => name !== 'job: different pipes')).toEqual([`job: ${fact}`]);
  });

  it('a pool init in one of its namespaces, but for the network, which it may not have left yet', () => {
    const inside = (kind: string): RawProcess => ({ ...host, namespaces: { ...host.namespaces, ...pick(kind) } });
    expect(differing(job, inside('net'))).toEqual([]);
    for (const kind of ['mnt', 'ipc', 'uts']) {
      expect(differing(job, inside(kind))).toEqual([`job: namespace ${kind} shared with`]);
    }
  });

  it('two descriptors of one pipe', () => {
    expect(differing(descriptor('2', { link: 'pipe:[2]' }))).toEqual(['job: different pipes']);
  });

  it('a limit of the plan by its number', () => {
    expect(expectedLimits('job', surroundings).get('limit Max open files')).toEqual(['256', '256']);
    expect(expectedLimits('zygote', surroundings).get('limit Max open files')).toEqual(['20000', '20000']);
  });
});
