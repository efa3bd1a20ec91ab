/** Profiles with what Docker's and Podman's have, each construction once, and what tests need to import them. */
import { importOci, type OciImport, resolvePolicy } from '../../src/policy/index.js';
import type { ImportOptions } from '../../src/policy/oci/import.js';
import type { EffectiveSyscalls, PolicyLoader, SourceFile } from '../../src/policy/types.js';
import { findingsText, loaderWith } from './shipped.js';

/** Calls that no process can live without. */
const VITAL = [
  'brk',
  'close',
  'exit_group',
  'futex',
  'munmap',
  'read',
  'restart_syscall',
  'rseq',
  'rt_sigreturn',
  'write',
];
const ALLOW = { action: 'SCMP_ACT_ALLOW' };
const vital = { names: VITAL, ...ALLOW };

/** As moby/profiles writes them. */
export const DOCKER = {
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: 1,
  archMap: [
    { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] },
    { architecture: 'SCMP_ARCH_S390X', subArchitectures: null },
  ],
  syscalls: [
    { names: [...VITAL, 'chmod', 'chown32', 'clock_gettime', 'ioctl', 'io_uring_setup', 'openat', 'prctl'], ...ALLOW },
    { names: ['ptrace'], ...ALLOW, includes: { minKernel: '4.8' } },
    { names: ['landlock_create_ruleset'], ...ALLOW, includes: { minKernel: '6.9' } },
    { names: ['socket'], ...ALLOW, args: [{ index: 0, value: 38, op: 'SCMP_CMP_LT' }] },
    { names: ['socket'], ...ALLOW, args: [{ index: 0, value: 39, op: 'SCMP_CMP_EQ' }] },
    { names: ['socket'], ...ALLOW, args: [{ index: 0, value: 40, op: 'SCMP_CMP_GT' }] },
    { names: ['personality'], ...ALLOW, args: [{ index: 0, value: 0, op: 'SCMP_CMP_EQ' }] },
    { names: ['personality'], ...ALLOW, args: [{ index: 0, value: 4294967295, op: 'SCMP_CMP_EQ' }] },
    { names: ['swapcontext'], ...ALLOW, includes: { arches: ['ppc64le'] } },
    { names: ['arch_prctl'], ...ALLOW, includes: { arches: ['amd64', 'x32'] } },
    { names: ['reboot'], ...ALLOW, includes: { caps: ['CAP_SYS_BOOT'] } },
    {
      names: ['clone'],
      ...ALLOW,
      args: [{ index: 0, value: 2114060288, op: 'SCMP_CMP_MASKED_EQ' }],
      excludes: { caps: ['CAP_SYS_ADMIN'], arches: ['s390', 's390x'] },
    },
    {
      names: ['clone'],
      ...ALLOW,
      args: [{ index: 1, value: 2114060288, op: 'SCMP_CMP_MASKED_EQ' }],
      comment: 's390 has another order',
      includes: { arches: ['s390', 's390x'] },
    },
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38, excludes: { caps: ['CAP_SYS_ADMIN'] } },
  ],
};

/** As containers/common writes them. */
export const PODMAN = {
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: 38,
  defaultErrno: 'ENOSYS',
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
  flags: ['SECCOMP_FILTER_FLAG_LOG'],
  syscalls: [
    {
      names: ['kexec_load', 'vmsplice'],
      action: 'SCMP_ACT_ERRNO',
      args: [],
      includes: {},
      excludes: {},
      errnoRet: 1,
      errno: 'EPERM',
    },
    { ...vital, args: null, comment: '' },
    { name: 'setns', ...ALLOW, args: [] },
    { names: ['setns'], action: 'SCMP_ACT_ERRNO', excludes: { caps: ['CAP_SYS_ADMIN'] }, errnoRet: 1, errno: 'EPERM' },
    {
      names: ['socket'],
      action: 'SCMP_ACT_ERRNO',
      args: [
        { index: 0, value: 16, valueTwo: 0, op: 'SCMP_CMP_EQ' },
        { index: 2, value: 9, valueTwo: 0, op: 'SCMP_CMP_EQ' },
      ],
      errnoRet: 22,
      errno: 'EINVAL',
    },
    { names: ['socket'], ...ALLOW, args: [{ index: 2, value: 9, valueTwo: 0, op: 'SCMP_CMP_NE' }] },
    { names: ['socket'], ...ALLOW, args: [{ index: 0, value: 16, valueTwo: 0, op: 'SCMP_CMP_NE' }] },
  ],
};

/** A profile that allows what a process needs, and these entries. */
export function profileWith(entries: readonly object[], others: object = {}): object {
  return { defaultAction: 'SCMP_ACT_ERRNO', defaultErrno: 'ENOSYS', syscalls: [vital, ...entries], ...others };
}

const files = new Map<string, SourceFile | undefined>();

/** The same object for the same file, which is then read once. */
export const builtins: PolicyLoader = (reference) => {
  if (!files.has(reference)) files.set(reference, loaderWith()(reference));
  return files.get(reference);
};

/** @param profile as JSON, or what JSON is made of */
export function importOutcome(profile: object | string, options: Partial<ImportOptions> = {}) {
  const text = typeof profile === 'string' ? profile : JSON.stringify(profile, null, 2);
  const all = { name: 'test', runtime: 'python', label: 'profile.json', ...options };
  return importOci({ file: 'profile.json', text }, all, builtins);
}

export function imported(profile: object | string, options: Partial<ImportOptions> = {}): OciImport {
  const { value, diagnostics } = importOutcome(profile, options);
  if (value === undefined) throw new Error(findingsText(diagnostics));
  return value;
}

/** What the policy means, also when it lacks what a process cannot live without. */
export function syscallsOf({ text }: OciImport): EffectiveSyscalls {
  const abstract = text.replace('\nkind: Policy\n', '\nkind: Policy\nabstract: true\n');
  const { value, diagnostics } = resolvePolicy({ file: 'test.yaml', text: abstract }, builtins);
  if (value === undefined) throw new Error(findingsText(diagnostics));
  return value.syscalls;
}
