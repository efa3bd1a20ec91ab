import { Buffer } from 'node:buffer';
import type { ModeName, NamespaceName, NoIdmapName, SectionName, UnavailableName } from './layout.gen.js';
import { NAMESPACE, PLAN_MAGIC, PLAN_VERSION } from './layout.gen.js';
import type {
  BpfInstruction,
  JobMountPoint,
  LandlockRule,
  MountOperation,
  NotifyAnswer,
  Plan,
  ResourceLimit,
} from './plan.js';

/** The header's fields as the layout has them, without the ones that the encoder computes. */
export interface HeaderRecord {
  readonly digest: Uint8Array;
  readonly arch: Plan['arch'];
  readonly mode: ModeName;
  readonly policyName: string;
  readonly hostname: string;
  readonly namespaces: readonly NamespaceName[];
  readonly insideUid: number;
  readonly insideGid: number;
  readonly securebits: number;
  readonly capabilities: bigint;
  readonly umask: number;
  readonly notifyDefaultErrno: number;
  readonly denialBurst: number;
  readonly denialPerSecond: number;
  readonly landlockAbi: number;
  readonly landlockMinimumAbi: number;
  readonly landlockHandledFs: bigint;
  readonly landlockHandledNet: bigint;
  readonly landlockScoped: bigint;
  readonly memoryMax: bigint;
  readonly swapMax: bigint;
  readonly pidsMax: bigint;
  readonly userNamespacesMax: number;
  readonly cpuQuotaUs: bigint;
  readonly cpuPeriodUs: bigint;
  readonly cpuTimeUs: bigint;
  readonly timeoutMs: bigint;
  readonly stdoutMax: bigint;
  readonly stderrMax: bigint;
  readonly claimsMax: bigint;
  readonly rootSize: bigint;
  readonly rootInodes: bigint;
  readonly unavailableService: UnavailableName;
  readonly unavailableRootless: UnavailableName;
  readonly noIdmap: NoIdmapName;
  readonly jobParentReadOnly: string;
  readonly jobParentWritable: string;
  readonly jobParentSize: bigint;
  readonly jobParentInodes: bigint;
  readonly jobParentMode: number;
  readonly mountDeadlineMs: bigint;
  readonly reuseMax: number;
  readonly workDir: string;
}

export interface JobMountRecord {
  readonly target: string;
  readonly name: string;
  readonly flags: readonly ('writable' | 'noexec' | 'optional' | 'create')[];
  readonly createMode: number;
}

/** A plan as the layout has it: a header, and the records of each section but the strings. */
export interface PlanRecords {
  readonly header: HeaderRecord;
  readonly filter: readonly BpfInstruction[];
  readonly notify: readonly NotifyAnswer[];
  readonly landlock_rules: readonly LandlockRule[];
  readonly mounts: readonly MountOperation[];
  readonly job_mounts: readonly JobMountRecord[];
  readonly rlimits: readonly ResourceLimit[];
  readonly file_systems: readonly { readonly magic: bigint }[];
  readonly environment: readonly { readonly entry: string }[];
  readonly argv: readonly { readonly entry: string }[];
}

/** The sections that have records, in their order. */
export const RECORD_SECTIONS = [
  'filter',
  'notify',
  'landlock_rules',
  'mounts',
  'job_mounts',
  'rlimits',
  'file_systems',
  'environment',
  'argv',
] as const satisfies readonly Exclude<SectionName, 'strings'>[];

/** The records of a plan; lists whose order has no meaning are sorted. */
export function recordsOf(plan: Plan): PlanRecords {
  return {
    header: headerOf(plan),
    filter: plan.filter,
    notify: plan.notify.toSorted((a, b) => a.nr - b.nr),
    landlock_rules: plan.landlock.rules.toSorted((a, b) => compareBytes(a.path, b.path)),
    mounts: plan.mounts,
    job_mounts: plan.jobMounts.map(jobMountRecord),
    rlimits: plan.rlimits.toSorted((a, b) => a.resource - b.resource),
    file_systems: plan.fileSystems.toSorted((a, b) => (a < b ? -1 : Number(a > b))).map((magic) => ({ magic })),
    environment: plan.environment.toSorted(compareVariables).map((entry) => ({ entry })),
    argv: plan.argv.map((entry) => ({ entry })),
  };
}

/** By bytes, as strcmp(3) does: UTF-16 order differs from it beyond the basic plane. */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const [left, right] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (left === right) continue;
    const isBasic = left < FIRST_SURROGATE && right < FIRST_SURROGATE;
    return isBasic ? left - right : Buffer.compare(Buffer.from(a), Buffer.from(b));
  }
  return a.length - b.length;
}

/** Below it both orders are one. */
const FIRST_SURROGATE = 0xd800;

/** By the bytes of NAME alone: `=` sorts after digits, so whole entries have another order. */
export function compareVariables(a: string, b: string): number {
  return compareBytes(a.split('=', 1)[0] ?? '', b.split('=', 1)[0] ?? '');
}

function headerOf(plan: Plan): HeaderRecord & Record<string, unknown> {
  const { landlock, limits, root, jobParents, jobParentTmpfs } = plan;
  return {
    magic: PLAN_MAGIC,
    version: PLAN_VERSION,
    ...plan,
    ...limits,
    namespaces: namespaceNames(plan.namespaces),
    landlockAbi: landlock.abi,
    landlockMinimumAbi: landlock.minimumAbi,
    landlockHandledFs: landlock.handledFs,
    landlockHandledNet: landlock.handledNet,
    landlockScoped: landlock.scoped,
    rootSize: root.size,
    rootInodes: root.inodes,
    jobParentReadOnly: jobParents.readOnly,
    jobParentWritable: jobParents.writable,
    jobParentSize: jobParentTmpfs.size,
    jobParentInodes: jobParentTmpfs.inodes,
    jobParentMode: jobParentTmpfs.mode,
  };
}

// Bits without a name stay in the list as one, so that the encoder refuses them.
function namespaceNames(bits: number): NamespaceName[] {
  const names = Object.keys(NAMESPACE) as NamespaceName[];
  const known = names.filter((name) => (bits & NAMESPACE[name]) !== 0);
  const rest = bits & ~known.reduce((sum, name) => sum | NAMESPACE[name], 0);
  return rest === 0 ? known : [...known, `0x${rest.toString(16)}` as NamespaceName];
}

function jobMountRecord(mount: JobMountPoint): JobMountRecord {
  const flags = (['writable', 'noexec', 'optional'] as const).filter((flag) => mount[flag]);
  return {
    target: mount.target,
    name: mount.name,
    flags: mount.createMode === null ? flags : [...flags, 'create'],
    createMode: mount.createMode ?? 0,
  };
}

/** The plan of checked records. */
export function planOf(records: PlanRecords): Plan {
  const { header } = records;
  return {
    digest: header.digest,
    arch: header.arch,
    mode: header.mode,
    policyName: header.policyName,
    hostname: header.hostname,
    namespaces: header.namespaces.reduce((bits, name) => bits | NAMESPACE[name], 0),
    insideUid: header.insideUid,
    insideGid: header.insideGid,
    securebits: header.securebits,
    capabilities: header.capabilities,
    umask: header.umask,
    filter: records.filter,
    notify: records.notify,
    notifyDefaultErrno: header.notifyDefaultErrno,
    denialBurst: header.denialBurst,
    denialPerSecond: header.denialPerSecond,
    landlock: landlockOf(records),
    root: { size: header.rootSize, inodes: header.rootInodes },
    mounts: records.mounts,
    jobParents: { readOnly: header.jobParentReadOnly, writable: header.jobParentWritable },
    jobParentTmpfs: { size: header.jobParentSize, inodes: header.jobParentInodes, mode: header.jobParentMode },
    mountDeadlineMs: header.mountDeadlineMs,
    reuseMax: header.reuseMax,
    jobMounts: records.job_mounts.map(jobMountPoint),
    noIdmap: header.noIdmap,
    fileSystems: records.file_systems.map(({ magic }) => magic),
    rlimits: records.rlimits,
    limits: limitsOf(header),
    workDir: header.workDir,
    environment: records.environment.map(({ entry }) => entry),
    argv: records.argv.map(({ entry }) => entry),
  };
}

function landlockOf({ header, landlock_rules: rules }: PlanRecords): Plan['landlock'] {
  return {
    abi: header.landlockAbi,
    minimumAbi: header.landlockMinimumAbi,
    handledFs: header.landlockHandledFs,
    handledNet: header.landlockHandledNet,
    scoped: header.landlockScoped,
    rules,
  };
}

function limitsOf(header: HeaderRecord): Plan['limits'] {
  return {
    memoryMax: header.memoryMax,
    swapMax: header.swapMax,
    pidsMax: header.pidsMax,
    userNamespacesMax: header.userNamespacesMax,
    cpuQuotaUs: header.cpuQuotaUs,
    cpuPeriodUs: header.cpuPeriodUs,
    cpuTimeUs: header.cpuTimeUs,
    timeoutMs: header.timeoutMs,
    stdoutMax: header.stdoutMax,
    stderrMax: header.stderrMax,
    claimsMax: header.claimsMax,
    unavailableService: header.unavailableService,
    unavailableRootless: header.unavailableRootless,
  };
}

function jobMountPoint({ target, name, flags, createMode }: JobMountRecord): JobMountPoint {
  return {
    target,
    name,
    writable: flags.includes('writable'),
    noexec: flags.includes('noexec'),
    optional: flags.includes('optional'),
    createMode: flags.includes('create') ? createMode : null,
  };
}
