/** A hand-made plan for the tests of this layer, which may not use the policy compiler: Python's standard library, socket(2) refused. */
import { dirname } from 'node:path';
import { nativeFile } from '../../src/native/load.js';
import { type Plan, UNLIMITED } from '../../src/plan/plan.js';

const ARCH = {
  x64: { arch: 'x86_64', audit: 0xc000_003e, socket: 41 },
  arm64: { arch: 'arm64', audit: 0xc000_00b7, socket: 198 },
} as const;

const EACCES = 13;
const WORKER = '/opt/leeward/worker';
const ALL_NAMESPACES = 0x7e02_0000;
const READ = 0b1100n;
const WRITE = READ | 0b111_0001_1011_0010n;

// seccomp(2): the architecture is checked first; the call's number is at offset 0, the architecture at 4.
function filter(audit: number, socket: number): Plan['filter'] {
  const [LOAD, EQUAL, RETURN] = [0x20, 0x15, 0x06];
  const [KILL, NOTIFY, ALLOW] = [0x8000_0000, 0x7fc0_0000, 0x7fff_0000];
  return [
    { code: LOAD, jt: 0, jf: 0, k: 4 },
    { code: EQUAL, jt: 1, jf: 0, k: audit },
    { code: RETURN, jt: 0, jf: 0, k: KILL },
    { code: LOAD, jt: 0, jf: 0, k: 0 },
    { code: EQUAL, jt: 0, jf: 1, k: socket },
    { code: RETURN, jt: 0, jf: 0, k: NOTIFY },
    { code: RETURN, jt: 0, jf: 0, k: ALLOW },
  ];
}

function mounts(): Plan['mounts'] {
  const nothing = { source: '', size: 0n, inodes: 0n, mode: 0 };
  const bind = { ...nothing, kind: 'bind', flags: ['read_only', 'nosuid', 'nodev', 'recursive'] } as const;
  const link = { ...nothing, kind: 'symlink', flags: [] } as const;
  return [
    { ...bind, source: '/usr', target: '/usr' },
    { ...link, source: 'usr/bin', target: '/bin' },
    { ...link, source: 'usr/lib', target: '/lib' },
    { ...link, source: 'usr/lib64', target: '/lib64' },
    {
      ...nothing,
      kind: 'tmpfs',
      flags: ['nosuid', 'nodev', 'noexec'],
      target: '/tmp',
      size: 1n << 20n,
      inodes: 64n,
      mode: 0o1777,
    },
    { ...nothing, kind: 'proc', flags: ['nosuid', 'nodev', 'noexec'], target: '/proc' },
    { ...nothing, kind: 'device', flags: ['nosuid', 'file'], source: '/dev/null', target: '/dev/null' },
    { ...bind, source: dirname(nativeFile('worker/zygote.py')), target: WORKER },
  ];
}

/** @param settings of the zygote, e.g. `{ preload: ['json'] }` */
export function smallPlan(settings: object = {}): Plan {
  const { arch, audit, socket } = ARCH[process.arch as keyof typeof ARCH];
  return {
    digest: new Uint8Array(32).fill(0x5a),
    arch,
    mode: 'enforce',
    policyName: 'small',
    hostname: 'sandbox',
    namespaces: ALL_NAMESPACES,
    insideUid: 0,
    insideGid: 0,
    securebits: 0xef,
    capabilities: 0n,
    umask: 0o22,
    filter: filter(audit, socket),
    notify: [],
    notifyDefaultErrno: EACCES,
    denialBurst: 64,
    denialPerSecond: 1000,
    landlock: {
      abi: 6,
      minimumAbi: 1,
      handledFs: 0xffffn,
      handledNet: 3n,
      scoped: 3n,
      rules: [
        { path: '/dev/null', access: 0b110n },
        { path: '/mnt/ro', access: READ },
        { path: '/mnt/rw', access: WRITE },
        { path: '/proc', access: READ },
        { path: '/tmp', access: WRITE },
        { path: '/usr', access: READ },
      ],
    },
    root: { size: 1n << 20n, inodes: 256n },
    mounts: mounts(),
    jobParents: { readOnly: '/mnt/ro', writable: '/mnt/rw' },
    jobParentTmpfs: { size: 65_536n, inodes: 64n, mode: 0o555 },
    mountDeadlineMs: 30_000n,
    reuseMax: 1,
    jobMounts: [
      { target: '/input', name: 'input', writable: false, noexec: true, optional: true, createMode: null },
      { target: '/output', name: 'output', writable: true, noexec: true, optional: true, createMode: null },
    ],
    noIdmap: 'refuse',
    fileSystems: [0xef53n, 0x0102_1994n, 0x5846_5342n, 0x794c_7630n, 0x9123_683en],
    rlimits: [],
    limits: {
      memoryMax: 256n << 20n,
      swapMax: 0n,
      pidsMax: 64n,
      userNamespacesMax: 0,
      cpuQuotaUs: 100_000n,
      cpuPeriodUs: 100_000n,
      cpuTimeUs: UNLIMITED,
      timeoutMs: 30_000n,
      stdoutMax: 1n << 20n,
      stderrMax: 1n << 20n,
      claimsMax: 65_536n,
      unavailableService: 'report',
      unavailableRootless: 'report',
    },
    workDir: '/tmp',
    environment: ['LANG=C.UTF-8', `LD_PRELOAD=${WORKER}/libleeward-worker.so`, 'PYTHONDONTWRITEBYTECODE=1'],
    argv: ['/usr/bin/python3', '-s', `${WORKER}/zygote.py`, JSON.stringify(settings)],
  };
}
