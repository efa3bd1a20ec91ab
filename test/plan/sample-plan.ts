import { BPF, SECCOMP_DATA, SECCOMP_RET } from '../../src/plan/bpf/opcodes.js';
import type { BpfInstruction, Plan } from '../../src/plan/plan.js';
import { UNLIMITED } from '../../src/plan/plan.js';

const load = (k: number): BpfInstruction => ({ code: BPF.LD_W_ABS, jt: 0, jf: 0, k });
const ret = (k: number): BpfInstruction => ({ code: BPF.RET_K, jt: 0, jf: 0, k });
const equal = (k: number, jt: number, jf: number): BpfInstruction => ({ code: BPF.JEQ_K, jt, jf, k });

/** x86-64: write allowed, ioctl only as TCGETS, exit_group notified, x32 and foreign calls killed, the rest EACCES. */
export const sampleFilter: readonly BpfInstruction[] = [
  load(SECCOMP_DATA.arch),
  equal(0xc000_003e, 1, 0),
  ret(SECCOMP_RET.KILL_PROCESS),
  load(SECCOMP_DATA.nr),
  { code: BPF.JGE_K, jt: 0, jf: 1, k: 0x4000_0000 },
  ret(SECCOMP_RET.KILL_PROCESS),
  equal(16, 0, 3),
  load(SECCOMP_DATA.argLow(1)),
  equal(0x5401, 4, 0),
  ret(SECCOMP_RET.ERRNO + 13),
  equal(231, 0, 1),
  ret(SECCOMP_RET.USER_NOTIF),
  equal(1, 0, 1),
  ret(SECCOMP_RET.ALLOW),
  ret(SECCOMP_RET.ERRNO + 13),
];

/** A plan in the manner of the shipped `python`, small enough to read. */
export const samplePlan: Plan = {
  digest: Uint8Array.from({ length: 32 }, (_, i) => i),
  arch: 'x86_64',
  mode: 'enforce',
  policyName: 'python',
  hostname: 'sandbox',
  namespaces: 0x7e02_0000,
  insideUid: 0,
  insideGid: 0,
  securebits: 0x2f,
  capabilities: 0n,
  umask: 0o22,
  filter: sampleFilter,
  notify: [
    { nr: 231, action: 'continue', errno: 0 },
    { nr: 41, action: 'errno', errno: 13 },
  ],
  notifyDefaultErrno: 13,
  denialBurst: 64,
  denialPerSecond: 1000,
  landlock: {
    abi: 6,
    minimumAbi: 1,
    handledFs: 0xffffn,
    handledNet: 3n,
    scoped: 3n,
    rules: [
      { path: '/usr', access: 0xdn },
      { path: '/mnt/ro', access: 0xcn },
      { path: '/mnt/rw', access: 0x71ben },
    ],
  },
  root: { size: 1_048_576n, inodes: 1024n },
  mounts: [
    {
      kind: 'bind',
      source: '/usr',
      target: '/usr',
      flags: ['nosuid', 'nodev', 'read_only', 'recursive'],
      size: 0n,
      inodes: 0n,
      mode: 0,
    },
    { kind: 'symlink', source: 'usr/lib', target: '/lib', flags: [], size: 0n, inodes: 0n, mode: 0 },
    { kind: 'proc', source: '', target: '/proc', flags: ['nosuid', 'nodev', 'noexec'], size: 0n, inodes: 0n, mode: 0 },
    {
      kind: 'device',
      source: '/dev/null',
      target: '/dev/null',
      flags: ['nosuid', 'noexec'],
      size: 0n,
      inodes: 0n,
      mode: 0,
    },
    {
      kind: 'tmpfs',
      source: '',
      target: '/tmp',
      flags: ['nosuid', 'nodev'],
      size: 104_857_600n,
      inodes: 65_536n,
      mode: 0o1777,
    },
    { kind: 'directory', source: '', target: '/mnt/ro', flags: [], size: 0n, inodes: 0n, mode: 0o755 },
    { kind: 'directory', source: '', target: '/mnt/rw', flags: [], size: 0n, inodes: 0n, mode: 0o755 },
  ],
  jobParents: { readOnly: '/mnt/ro', writable: '/mnt/rw' },
  jobParentTmpfs: { size: 65_536n, inodes: 64n, mode: 0o555 },
  mountDeadlineMs: 30_000n,
  reuseMax: 1,
  jobMounts: [
    { target: '/input', name: 'input', writable: false, noexec: true, optional: true, createMode: null },
    { target: '/output', name: 'output', writable: true, noexec: true, optional: true, createMode: 0o700 },
  ],
  noIdmap: 'refuse',
  fileSystems: [0xef53n, 0x5846_5342n, 0x0102_1994n],
  rlimits: [
    { resource: 7, soft: 256n, hard: 256n },
    { resource: 1, soft: 10n << 30n, hard: UNLIMITED },
    { resource: 4, soft: 1n, hard: 1n },
  ],
  limits: {
    memoryMax: 4n << 30n,
    swapMax: 0n,
    pidsMax: 64n,
    userNamespacesMax: 2,
    cpuQuotaUs: 100_000n,
    cpuPeriodUs: 100_000n,
    cpuTimeUs: UNLIMITED,
    timeoutMs: 30_000n,
    stdoutMax: 10n << 20n,
    stderrMax: 1n << 20n,
    claimsMax: 65_536n,
    unavailableService: 'refuse',
    unavailableRootless: 'report',
  },
  workDir: '/tmp',
  environment: ['LANG=C.UTF-8', 'GREETING="olá"\n', 'OMP_NUM_THREADS=1'],
  argv: ['/usr/bin/python3', '-I', '-B'],
};
