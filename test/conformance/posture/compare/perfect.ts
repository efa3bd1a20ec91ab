/** A job as the kernel would show it if everything were as planned: written by hand, so that it says nothing on our word. */

import type { Plan } from '../../../../src/plan/plan.js';
import { samplePlan } from '../../../plan/sample-plan.js';
import type { ThreadSurroundings } from './expected-threads.js';
import { parseMounts } from './mountinfo.js';
import type { RawEntry, RawProcess, RawThread } from './raw.js';

export const plan: Plan = {
  ...samplePlan,
  securebits: 0xef,
  mounts: [
    {
      kind: 'bind',
      source: '/usr',
      target: '/usr',
      flags: ['read_only', 'nosuid', 'nodev', 'recursive'],
      size: 0n,
      inodes: 0n,
      mode: 0,
    },
    { kind: 'symlink', source: 'usr/lib', target: '/lib', flags: [], size: 0n, inodes: 0n, mode: 0 },
    {
      kind: 'tmpfs',
      source: '',
      target: '/tmp',
      flags: ['nosuid', 'nodev', 'noexec'],
      size: 1_048_576n,
      inodes: 64n,
      mode: 0o1777,
    },
    { kind: 'proc', source: '', target: '/proc', flags: ['nosuid', 'nodev', 'noexec'], size: 0n, inodes: 0n, mode: 0 },
    {
      kind: 'device',
      source: '/dev/null',
      target: '/dev/null',
      flags: ['nosuid', 'noexec', 'file'],
      size: 0n,
      inodes: 0n,
      mode: 0,
    },
  ],
  jobParents: { readOnly: '/mnt/ro', writable: '/mnt/rw' },
  jobMounts: [{ target: '/input', name: 'input', writable: false, noexec: true, optional: true, createMode: null }],
  rlimits: [{ resource: 7, soft: 256n, hard: 256n }],
  workDir: '/tmp',
  argv: ['/usr/bin/python3', '-I'],
  environment: ['HOME=/tmp'],
};

const [POOL, JOB, PID] = [1000, 2000, 77];
const PROGRAM = plan.filter
  .map(({ code, jt, jf, k }) => {
    const bytes = [code & 255, code >> 8, jt, jf, k & 255, (k >>> 8) & 255, (k >>> 16) & 255, k >>> 24];
    return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  })
  .join('');

const STATUS = `Name:	python3
Umask:	0022
TracerPid:	0
Uid:	2000	2000	2000	2000
Gid:	2000	2000	2000	2000
Groups:	
SigPnd:	0000000000000000
ShdPnd:	0000000000000000
SigBlk:	0000000000000000
SigIgn:	0000000001001000
SigCgt:	0000000100000002
CapInh:	0000000000000000
CapPrm:	0000000000000000
CapEff:	0000000000000000
CapBnd:	0000000000000000
CapAmb:	0000000000000000
NoNewPrivs:	1
Seccomp:	2
Seccomp_filters:	1
Cpus_allowed_list:	0-1
Mems_allowed_list:	0
`;

const thread: RawThread = {
  status: STATUS,
  cgroup: '2:memory:/leeward/worker-3\n1:cpuset:/\n',
  stat: '77 (a) b) S 1 77 77 0 -1 0',
  nice: 0,
  scheduler: 0,
  rt_priority: 0,
  affinity: [0, 1],
  ioprio: 0,
  timerslack: '50000\n',
  filters: [PROGRAM],
};

const LIMITS = `Limit                     Soft Limit           Hard Limit           Units
Max cpu time              unlimited            unlimited            seconds
Max data size             unlimited            unlimited            bytes
Max resident set          unlimited            unlimited            bytes
Max open files            256                  256                  files
Max address space         unlimited            unlimited            bytes
Max file locks            unlimited            unlimited            locks
Max msgqueue size         819200               819200               bytes
Max nice priority         0                    0
Max realtime priority     0                    0
Max realtime timeout      unlimited            unlimited            us
`;

const MOUNTS = `10 9 0:50 / / ro,nosuid,nodev,relatime - tmpfs none rw,size=1024k,nr_inodes=1024,mode=755,uid=1000,gid=1000
11 10 8:1 /usr /usr ro,nosuid,nodev,noatime - ext4 /dev/sda rw
12 11 8:2 / /usr/local ro,nosuid,nodev,relatime - xfs /dev/sdb rw
13 10 0:51 / /tmp rw,nosuid,nodev,noexec,relatime - tmpfs none rw,size=1024k,nr_inodes=64,uid=1000,gid=1000
14 10 0:52 / /proc rw,nosuid,nodev,noexec,relatime - proc none rw,subset=pid
15 10 0:6 /null /dev/null rw,nosuid,noexec,relatime - devtmpfs udev rw
16 10 0:53 / /mnt/ro rw,nosuid,nodev,noexec,relatime - tmpfs none rw,size=64k,nr_inodes=64,mode=555,uid=1000,gid=1000
17 10 0:54 / /mnt/rw rw,nosuid,nodev,noexec,relatime - tmpfs none rw,size=64k,nr_inodes=64,mode=555,uid=1000,gid=1000
18 16 8:1 /data/in /mnt/ro/input ro,nosuid,nodev,noexec,noatime,idmapped - ext4 /dev/sda rw
`;

const HOST_MOUNTS = `1 0 8:1 / / rw,noatime shared:1 - ext4 /dev/sda rw
2 1 8:2 / /usr/local rw,relatime shared:2 - xfs /dev/sdb rw
3 1 0:6 / /dev rw,relatime shared:3 - devtmpfs udev rw
`;

const NAMESPACES = ['user', 'pid', 'mnt', 'net', 'ipc', 'uts', 'cgroup', 'time'];

function namespaces(prefix: string): Record<string, string> {
  return Object.fromEntries(NAMESPACES.map((kind) => [kind, kind === 'time' ? 'time:[1]' : `${kind}:[${prefix}]`]));
}

function owned(mode: number, link = '', id = POOL): RawEntry {
  return { mode, uid: id, gid: id, rdev: 0, link };
}

const HOST_FILES: Readonly<Record<string, RawEntry>> = {
  '/usr': { mode: 0o40755, uid: 0, gid: 0, rdev: 0, link: '' },
  '/dev/null': { mode: 0o20666, uid: 0, gid: 0, rdev: 259, link: '' },
  '/data/in': { mode: 0o40750, uid: 500, gid: 500, rdev: 0, link: '' },
};

export const job: RawProcess = {
  pid: PID,
  texts: {
    uid_map: '         0       2000          1\n',
    gid_map: '         0       2000          1\n',
    setgroups: 'deny\n',
    limits: LIMITS,
    mountinfo: MOUNTS,
    oom_score_adj: '0\n',
    personality: '00000000\n',
    coredump_filter: '00000033\n',
    cmdline: '/usr/bin/python3\0-I\0',
    environ: 'HOME=/tmp\0',
    'net/route': 'Iface	Destination\n',
    'net/unix': 'Num       RefCount\n',
    'net/if_inet6': '',
  },
  links: { root: '/', cwd: '/tmp', exe: '/usr/bin/python3.11' },
  namespaces: namespaces('job'),
  owner: [POOL, POOL],
  descriptors: {
    0: { link: 'pipe:[1]', format: 0o10000, rdev: 0, flags: 0 },
    1: { link: 'pipe:[2]', format: 0o10000, rdev: 0, flags: 1 },
    2: { link: 'pipe:[3]', format: 0o10000, rdev: 0, flags: 1 },
    4: { link: 'pipe:[4]', format: 0o10000, rdev: 0, flags: 0o2000001 },
  },
  threads: { [PID]: thread, 78: { ...thread, stat: '78 (a) b) S 1 77 77 0 -1 0' } },
  auxiliary: { AT_UID: 0, AT_EUID: 0, AT_GID: 0, AT_EGID: 0, AT_SECURE: 0 },
  hostname: 'sandbox',
  domainname: '(none)',
  userNamespacesMax: 2,
  interfaces: { lo: 8 },
  sizes: {
    '/': { bytes: 1_048_576, inodes: 1024 },
    '/tmp': { bytes: 1_048_576, inodes: 64 },
    '/mnt/ro': { bytes: 65_536, inodes: 64 },
    '/mnt/rw': { bytes: 65_536, inodes: 64 },
  },
  tree: {
    '/dev': owned(0o40755),
    '/dev/null': HOST_FILES['/dev/null'] as RawEntry,
    '/usr': HOST_FILES['/usr'] as RawEntry,
    '/lib': owned(0o120777, 'usr/lib'),
    '/input': owned(0o120777, '/mnt/ro/input'),
    '/tmp': owned(0o41777),
    '/proc': owned(0o40555, '', 0),
    '/mnt': owned(0o40755),
    '/mnt/ro': owned(0o40555),
    '/mnt/rw': owned(0o40555),
    '/mnt/ro/input': owned(0o40750, '', JOB),
  },
};

export const supervisor: RawProcess = {
  ...job,
  namespaces: { ...namespaces('host'), pid: 'pid:[supervisor]', mnt: 'mnt:[supervisor]' },
  texts: { ...job.texts, limits: LIMITS.replace('256                  256', '20000                20000') },
};

/** Of the host's own processes. */
export const host: RawProcess = { ...supervisor, namespaces: namespaces('host') };

export const surroundings: ThreadSurroundings = {
  plan,
  privileged: true,
  poolId: POOL,
  poolGid: POOL,
  jobId: JOB,
  jobGid: JOB,
  poolMap: [[0, POOL, 1]],
  poolGidMap: [[0, POOL, 1]],
  supervisor,
  groups: {
    job: new Map([
      ['cgroup memory', '/leeward/worker-3'],
      ['cgroup cpuset', '/'],
    ]),
    pool: new Map(),
  },
  requestMounts: [{ point: '/mnt/ro/input', source: '/data/in', writable: false }],
  host: {
    mounts: parseMounts(HOST_MOUNTS),
    entry: (path) => HOST_FILES[path] as RawEntry,
    real: (path) => (path === '/usr/bin/python3' ? '/usr/bin/python3.11' : path),
  },
  lastCapability: 40,
};
