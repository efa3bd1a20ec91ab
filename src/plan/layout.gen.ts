// Generated from schemas/plan.layout.json by scripts/gen/layout.mjs. Do not edit: run `npm run gen`.

/** "LWPLAN01" in memory, as a little-endian number. */
export const PLAN_MAGIC = 0x31304e414c50574cn;
export const PLAN_VERSION = 1;
/** Differs whenever the two sides of a channel were generated from different layouts. */
export const LAYOUT_FINGERPRINT = 0xc2c5a8ff0527769dn;
/** Longest message, bytes. */
export const MESSAGE_MAX = 196608;
/** Longest string, bytes without its NUL. */
export const STRING_MAX = 4095;
/** Longest path that is part of a job mount, bytes. */
export const JOB_PATH_MAX = 255;

export type FieldType = 'u8' | 'u16' | 'u32' | 'i32' | 'u64' | 'str' | 'bytes32' | 'section';

export interface FieldLayout {
  readonly name: string;
  readonly type: FieldType;
  /** Bytes from the start of the struct (of a message: from its header). */
  readonly offset: number;
  readonly count?: number;
  /** Names of the only values allowed. */
  readonly names?: ReadonlyMap<number, string>;
  /** Names of the only bits allowed. */
  readonly flags?: Readonly<Record<string, number>>;
  /** How people write it; decimal otherwise. */
  readonly format?: 'hex' | 'octal';
  readonly min?: number;
  readonly max?: number;
  readonly pad?: true;
  /** The tail whose records this field counts. */
  readonly countOf?: string;
}

export interface StructLayout {
  readonly size: number;
  readonly fields: readonly FieldLayout[];
}

export interface SectionLayout {
  readonly index: number;
  readonly bound: number;
  /** undefined for the bytes of the strings section. */
  readonly record: StructLayout | undefined;
}

export interface TailLayout {
  readonly name: string;
  readonly bound: number;
  /** undefined for plain bytes. */
  readonly record: StructLayout | undefined;
}

export interface MessageLayout {
  readonly struct: StructLayout;
  readonly tails: readonly TailLayout[];
  readonly hasStrings: boolean;
}

function namesOf<Name extends string>(values: Readonly<Record<Name, number>>): ReadonlyMap<number, Name> {
  return new Map(Object.entries<number>(values).map(([name, value]) => [value, name as Name]));
}

export const ARCH = {
  x86_64: 1,
  arm64: 2,
} as const;
export type ArchName = keyof typeof ARCH;
export const ARCH_NAMES = namesOf<ArchName>(ARCH);

export const MODE = {
  enforce: 1,
  audit: 2,
} as const;
export type ModeName = keyof typeof MODE;
export const MODE_NAMES = namesOf<ModeName>(MODE);

export const APPLIED_MODE = {
  none: 0,
  enforce: 1,
  audit: 2,
} as const;
export type AppliedModeName = keyof typeof APPLIED_MODE;
export const APPLIED_MODE_NAMES = namesOf<AppliedModeName>(APPLIED_MODE);

export const UNAVAILABLE = {
  refuse: 1,
  report: 2,
} as const;
export type UnavailableName = keyof typeof UNAVAILABLE;
export const UNAVAILABLE_NAMES = namesOf<UnavailableName>(UNAVAILABLE);

export const NO_IDMAP = {
  refuse: 1,
  run_as_peer: 2,
} as const;
export type NoIdmapName = keyof typeof NO_IDMAP;
export const NO_IDMAP_NAMES = namesOf<NoIdmapName>(NO_IDMAP);

export const MOUNT_KIND = {
  bind: 1,
  tmpfs: 2,
  proc: 3,
  device: 4,
  symlink: 5,
  directory: 6,
} as const;
export type MountKindName = keyof typeof MOUNT_KIND;
export const MOUNT_KIND_NAMES = namesOf<MountKindName>(MOUNT_KIND);

export const NOTIFY_ACTION = {
  continue: 1,
  errno: 2,
  kill: 3,
} as const;
export type NotifyActionName = keyof typeof NOTIFY_ACTION;
export const NOTIFY_ACTION_NAMES = namesOf<NotifyActionName>(NOTIFY_ACTION);

export const MESSAGE = {
  config: 1,
  ready: 2,
  pool_open: 3,
  pool_ready: 4,
  pool_failed: 5,
  pool_close: 6,
  pool_closed: 7,
  job_run: 8,
  job_started: 9,
  job_output: 10,
  job_denial: 11,
  job_end: 12,
  job_cancel: 13,
  log: 14,
  envelope: 15,
  job_collected: 16,
  job_output_taken: 17,
  workers_ask: 18,
  workers: 19,
} as const;
export type MessageName = keyof typeof MESSAGE;
export const MESSAGE_NAMES = namesOf<MessageName>(MESSAGE);

export const STATUS = {
  ok: 1,
  error: 2,
  signaled: 3,
  timed_out: 4,
  oom_killed: 5,
  output_limit: 6,
  cpu_limit: 7,
  denied: 8,
  cancelled: 9,
  sandbox_error: 10,
  lost: 11,
} as const;
export type StatusName = keyof typeof STATUS;
export const STATUS_NAMES = namesOf<StatusName>(STATUS);

export const STREAM = {
  stdout: 1,
  stderr: 2,
  claims: 3,
} as const;
export type StreamName = keyof typeof STREAM;
export const STREAM_NAMES = namesOf<StreamName>(STREAM);

export const STAGE = {
  none: 0,
  config: 1,
  plan: 2,
  user_namespace: 3,
  id_map: 4,
  namespaces: 5,
  private_mounts: 6,
  root: 7,
  mount: 8,
  pivot: 9,
  proc: 10,
  hostname: 11,
  cgroup: 12,
  cgroup_namespace: 13,
  rlimits: 14,
  descriptors: 15,
  identity: 16,
  job_user_namespace: 17,
  dumpable: 18,
  no_new_privs: 19,
  landlock: 20,
  capabilities: 21,
  seccomp: 22,
  listener: 23,
  pool_init: 24,
  zygote: 25,
  exec: 26,
  preload: 27,
  fork: 28,
  open_source: 29,
  id_mapped_mount: 30,
  attach: 31,
  payload: 32,
  posture: 33,
  limits: 34,
  envelope: 35,
} as const;
export type StageName = keyof typeof STAGE;
export const STAGE_NAMES = namesOf<StageName>(STAGE);

export const WHO = {
  every_peer: 1,
  uid: 2,
  gid: 3,
} as const;
export type WhoName = keyof typeof WHO;
export const WHO_NAMES = namesOf<WhoName>(WHO);

export const COLLECTED = {
  file: 0,
  missing: 1,
  symlink: 2,
  directory: 3,
  special: 4,
  unreadable: 5,
  other_mount: 6,
  too_large: 7,
  too_many: 8,
  failed: 9,
} as const;
export type CollectedName = keyof typeof COLLECTED;
export const COLLECTED_NAMES = namesOf<CollectedName>(COLLECTED);

export const WORKER_PHASE = {
  idle: 1,
  busy: 2,
  recycling: 3,
} as const;
export type WorkerPhaseName = keyof typeof WORKER_PHASE;
export const WORKER_PHASE_NAMES = namesOf<WorkerPhaseName>(WORKER_PHASE);

export const LOG_LEVEL = {
  debug: 1,
  info: 2,
  warn: 3,
  error: 4,
} as const;
export type LogLevelName = keyof typeof LOG_LEVEL;
export const LOG_LEVEL_NAMES = namesOf<LogLevelName>(LOG_LEVEL);

export const PLAN_REASON = {
  none: 0,
  too_short: 1,
  size_mismatch: 2,
  magic: 3,
  version: 4,
  foreign_arch: 5,
  unknown_value: 6,
  unknown_flag: 7,
  nonzero_padding: 8,
  section_offset: 9,
  too_many: 10,
  empty_section: 11,
  string_offset: 12,
  string_order: 13,
  string_unterminated: 14,
  string_duplicate: 15,
  string_unused: 16,
  string_encoding: 17,
  string_too_long: 18,
  string_empty: 19,
  control_character: 20,
  path_not_absolute: 21,
  path_not_normalized: 22,
  path_is_root: 23,
  name_invalid: 24,
  environment_invalid: 25,
  not_sorted: 26,
  duplicate: 27,
  out_of_range: 28,
  field_not_used: 29,
  missing_flag: 30,
  parent_missing: 31,
  parent_overlap: 32,
  access_not_handled: 33,
  namespace_missing: 34,
  capability_kept: 35,
  bpf_opcode: 36,
  bpf_operand: 37,
  bpf_load: 38,
  bpf_jump: 39,
  bpf_action: 40,
  bpf_no_return: 41,
  bpf_unreachable: 42,
  message_type: 43,
} as const;
export type PlanReasonName = keyof typeof PLAN_REASON;
export const PLAN_REASON_NAMES = namesOf<PlanReasonName>(PLAN_REASON);

export const NAMESPACE = {
  mount: 131072,
  cgroup: 33554432,
  uts: 67108864,
  ipc: 134217728,
  user: 268435456,
  pid: 536870912,
  net: 1073741824,
} as const;
export type NamespaceName = keyof typeof NAMESPACE;
export const NAMESPACE_NAMES = namesOf<NamespaceName>(NAMESPACE);

export const MOUNT_FLAG = {
  read_only: 1,
  nosuid: 2,
  nodev: 4,
  noexec: 8,
  recursive: 16,
  file: 32,
} as const;
export type MountFlagName = keyof typeof MOUNT_FLAG;
export const MOUNT_FLAG_NAMES = namesOf<MountFlagName>(MOUNT_FLAG);

export const JOB_MOUNT_FLAG = {
  writable: 1,
  noexec: 2,
  optional: 4,
  create: 8,
} as const;
export type JobMountFlagName = keyof typeof JOB_MOUNT_FLAG;
export const JOB_MOUNT_FLAG_NAMES = namesOf<JobMountFlagName>(JOB_MOUNT_FLAG);

export const LIMIT_BIT = {
  memory: 1,
  swap: 2,
  pids: 4,
  cpu: 8,
  cpu_time: 16,
  memory_peak: 32,
  oom_events: 64,
} as const;
export type LimitBitName = keyof typeof LIMIT_BIT;
export const LIMIT_BIT_NAMES = namesOf<LimitBitName>(LIMIT_BIT);

export const ROOT_FLAG = {
  request: 1,
  source: 2,
  device: 4,
  writable: 8,
} as const;
export type RootFlagName = keyof typeof ROOT_FLAG;
export const ROOT_FLAG_NAMES = namesOf<RootFlagName>(ROOT_FLAG);

export const CONFIG_FLAG = {
  privileged: 1,
  slot_ids: 2,
} as const;
export type ConfigFlagName = keyof typeof CONFIG_FLAG;
export const CONFIG_FLAG_NAMES = namesOf<ConfigFlagName>(CONFIG_FLAG);

export const RECEIPT_FLAG = {
  no_new_privs: 1,
  seccomp_filter: 2,
  capabilities_empty: 4,
  id_mapped_mounts: 8,
  wait_killable: 16,
  not_dumpable: 32,
} as const;
export type ReceiptFlagName = keyof typeof RECEIPT_FLAG;
export const RECEIPT_FLAG_NAMES = namesOf<ReceiptFlagName>(RECEIPT_FLAG);

export const TRUNCATED = {
  stdout: 1,
  stderr: 2,
  claims: 4,
} as const;
export type TruncatedName = keyof typeof TRUNCATED;
export const TRUNCATED_NAMES = namesOf<TruncatedName>(TRUNCATED);

export const PLAN_HEADER: StructLayout = {
  size: 376,
  fields: [
    { name: 'magic', type: 'u64', offset: 0, format: 'hex' },
    { name: 'version', type: 'u32', offset: 8 },
    { name: 'totalSize', type: 'u32', offset: 12 },
    { name: 'digest', type: 'bytes32', offset: 16 },
    { name: 'arch', type: 'u32', offset: 48, names: ARCH_NAMES },
    { name: 'mode', type: 'u32', offset: 52, names: MODE_NAMES },
    { name: 'policyName', type: 'str', offset: 56 },
    { name: 'hostname', type: 'str', offset: 60 },
    { name: 'namespaces', type: 'u32', offset: 64, flags: NAMESPACE },
    { name: 'insideUid', type: 'u32', offset: 68, max: 4294967294 },
    { name: 'insideGid', type: 'u32', offset: 72, max: 4294967294 },
    { name: 'securebits', type: 'u32', offset: 76, format: 'hex', max: 255 },
    { name: 'capabilities', type: 'u64', offset: 80, format: 'hex' },
    { name: 'umask', type: 'u32', offset: 88, format: 'octal', max: 511 },
    { name: 'notifyDefaultErrno', type: 'u32', offset: 92, min: 1, max: 4095 },
    { name: 'denialBurst', type: 'u32', offset: 96, min: 1 },
    { name: 'denialPerSecond', type: 'u32', offset: 100, min: 1 },
    { name: 'landlockAbi', type: 'u32', offset: 104 },
    { name: 'landlockMinimumAbi', type: 'u32', offset: 108 },
    { name: 'landlockHandledFs', type: 'u64', offset: 112, format: 'hex' },
    { name: 'landlockHandledNet', type: 'u64', offset: 120, format: 'hex' },
    { name: 'landlockScoped', type: 'u64', offset: 128, format: 'hex' },
    { name: 'memoryMax', type: 'u64', offset: 136, min: 1 },
    { name: 'swapMax', type: 'u64', offset: 144 },
    { name: 'pidsMax', type: 'u64', offset: 152, min: 1 },
    { name: 'cpuQuotaUs', type: 'u64', offset: 160, min: 1000 },
    { name: 'cpuPeriodUs', type: 'u64', offset: 168, min: 1000, max: 1000000 },
    { name: 'cpuTimeUs', type: 'u64', offset: 176, min: 1 },
    { name: 'timeoutMs', type: 'u64', offset: 184, min: 1 },
    { name: 'stdoutMax', type: 'u64', offset: 192 },
    { name: 'stderrMax', type: 'u64', offset: 200 },
    { name: 'claimsMax', type: 'u64', offset: 208 },
    { name: 'rootSize', type: 'u64', offset: 216, min: 1 },
    { name: 'rootInodes', type: 'u64', offset: 224, min: 1 },
    { name: 'jobParentSize', type: 'u64', offset: 232, min: 1 },
    { name: 'jobParentInodes', type: 'u64', offset: 240, min: 1 },
    { name: 'mountDeadlineMs', type: 'u64', offset: 248, min: 1, max: 3600000 },
    { name: 'unavailableService', type: 'u32', offset: 256, names: UNAVAILABLE_NAMES },
    { name: 'unavailableRootless', type: 'u32', offset: 260, names: UNAVAILABLE_NAMES },
    { name: 'noIdmap', type: 'u32', offset: 264, names: NO_IDMAP_NAMES },
    { name: 'jobParentMode', type: 'u32', offset: 268, format: 'octal', max: 511 },
    { name: 'userNamespacesMax', type: 'u32', offset: 272, max: 2147483647 },
    { name: 'reuseMax', type: 'u32', offset: 276, min: 1 },
    { name: 'pad', type: 'u32', offset: 280, pad: true },
    { name: 'jobParentReadOnly', type: 'str', offset: 284 },
    { name: 'jobParentWritable', type: 'str', offset: 288 },
    { name: 'workDir', type: 'str', offset: 292 },
    { name: 'sections', type: 'section', offset: 296, count: 10 },
  ],
};

/** The sections of a plan, in their order. */
export const PLAN_SECTIONS = {
  filter: {
    index: 0,
    bound: 4096,
    record: {
      size: 8,
      fields: [
        { name: 'code', type: 'u16', offset: 0 },
        { name: 'jt', type: 'u8', offset: 2 },
        { name: 'jf', type: 'u8', offset: 3 },
        { name: 'k', type: 'u32', offset: 4 },
      ],
    },
  },
  notify: {
    index: 1,
    bound: 1024,
    record: {
      size: 16,
      fields: [
        { name: 'nr', type: 'u32', offset: 0 },
        { name: 'action', type: 'u32', offset: 4, names: NOTIFY_ACTION_NAMES },
        { name: 'errno', type: 'u32', offset: 8, max: 4095 },
        { name: 'pad', type: 'u32', offset: 12, pad: true },
      ],
    },
  },
  landlock_rules: {
    index: 2,
    bound: 1024,
    record: {
      size: 16,
      fields: [
        { name: 'path', type: 'str', offset: 0 },
        { name: 'pad', type: 'u32', offset: 4, pad: true },
        { name: 'access', type: 'u64', offset: 8, format: 'hex' },
      ],
    },
  },
  mounts: {
    index: 3,
    bound: 512,
    record: {
      size: 40,
      fields: [
        { name: 'kind', type: 'u32', offset: 0, names: MOUNT_KIND_NAMES },
        { name: 'flags', type: 'u32', offset: 4, flags: MOUNT_FLAG },
        { name: 'source', type: 'str', offset: 8 },
        { name: 'target', type: 'str', offset: 12 },
        { name: 'size', type: 'u64', offset: 16 },
        { name: 'inodes', type: 'u64', offset: 24 },
        { name: 'mode', type: 'u32', offset: 32, format: 'octal', max: 1023 },
        { name: 'pad', type: 'u32', offset: 36, pad: true },
      ],
    },
  },
  job_mounts: {
    index: 4,
    bound: 16,
    record: {
      size: 16,
      fields: [
        { name: 'target', type: 'str', offset: 0 },
        { name: 'name', type: 'str', offset: 4 },
        { name: 'flags', type: 'u32', offset: 8, flags: JOB_MOUNT_FLAG },
        { name: 'createMode', type: 'u32', offset: 12, format: 'octal', max: 511 },
      ],
    },
  },
  rlimits: {
    index: 5,
    bound: 16,
    record: {
      size: 24,
      fields: [
        { name: 'resource', type: 'u32', offset: 0, max: 15 },
        { name: 'pad', type: 'u32', offset: 4, pad: true },
        { name: 'soft', type: 'u64', offset: 8 },
        { name: 'hard', type: 'u64', offset: 16 },
      ],
    },
  },
  file_systems: {
    index: 6,
    bound: 64,
    record: {
      size: 8,
      fields: [
        { name: 'magic', type: 'u64', offset: 0, format: 'hex', min: 1 },
      ],
    },
  },
  environment: {
    index: 7,
    bound: 256,
    record: {
      size: 4,
      fields: [
        { name: 'entry', type: 'str', offset: 0 },
      ],
    },
  },
  argv: {
    index: 8,
    bound: 64,
    record: {
      size: 4,
      fields: [
        { name: 'entry', type: 'str', offset: 0 },
      ],
    },
  },
  strings: {
    index: 9,
    bound: 262144,
    record: undefined,
  },
} as const satisfies Readonly<Record<string, SectionLayout>>;

export type SectionName = keyof typeof PLAN_SECTIONS;

export const MESSAGE_HEADER: StructLayout = {
  size: 16,
  fields: [
    { name: 'type', type: 'u32', offset: 0, names: MESSAGE_NAMES },
    { name: 'size', type: 'u32', offset: 4 },
    { name: 'id', type: 'u64', offset: 8 },
  ],
};

export interface ConfigMessage {
  readonly type: 'config';
  /** Pool or job, chosen by the daemon. */
  readonly id: bigint;
  /** host uid of slot 0; without privilege of the user's subordinate uids, 0: one uid for all */
  readonly slotUidBase: number;
  readonly slotCount: number;
  /** host uid of the zygote of pool 0 */
  readonly poolUidBase: number;
  readonly poolCount: number;
  /** subtree, e.g. leeward or leeward/exec-1234, beneath the driver's base */
  readonly cgroupName: string;
  /** existing directory; the supervisor mounts a tmpfs over it in its own mount namespace */
  readonly workspace: string;
  /** tests force a lower ABI; 0xffffffff = none */
  readonly landlockAbiCap: number;
  /** whose death ends the supervisor, besides the socket's; 0 = the parent */
  readonly daemonPid: number;
  /** for one answer of an opener; without one it is given up */
  readonly openDeadlineMs: number;
  /** openers of one peer at a time, those that were given up and are not gone included */
  readonly openHangingMax: number;
  /** from the request for a worker to its place in standby */
  readonly workerDeadlineMs: number;
  /** for a zygote to import its preload */
  readonly poolDeadlineMs: number;
  /** host gid of slot 0: of the user's subordinate gids; not looked at with privilege, where it is slot_uid_base */
  readonly slotGidBase: number;
}

export interface ReadyMessage {
  readonly type: 'ready';
  /** Pool or job, chosen by the daemon. */
  readonly id: bigint;
  /** in the daemon's PID namespace is known to the addon; here as the supervisor sees itself */
  readonly supervisorPid: number;
  readonly flags: readonly ConfigFlagName[];
  readonly landlockAbi: number;
  readonly landlockErrata: number;
  /** 0 none usable, 1, 2 */
  readonly cgroupVersion: number;
  readonly limitsAvailable: readonly LimitBitName[];
  /** directory of our subtree (v1: of the memory controller) */
  readonly cgroupBase: string;
  /** likewise, where processor time is counted (v1: of the cpuacct controller); empty when it is not */
  readonly cgroupCpuBase: string;
  /** why limits are missing, empty when none is */
  readonly cgroupReason: string;
}

export interface PoolOpenMessage {
  readonly type: 'pool_open';
  /** Pool or job, chosen by the daemon. */
  readonly id: bigint;
  readonly standby: number;
  readonly max: number;
  /** host ids of every job: those of a peer, for file systems without id map; 0 = each slot's own */
  readonly runAsUid: number;
  readonly runAsGid: number;
  /** whose jobs these are, by a number of the daemon's; slots of one tenant are not given to another */
  readonly tenant: number;
}

export interface PoolReadyMessage {
  readonly type: 'pool_ready';
  /** Pool or job, chosen by the daemon. */
  readonly id: bigint;
  readonly zygotePid: number;
  readonly setupUs: bigint;
}

export interface PoolFailedMessage {
  readonly type: 'pool_failed';
  /** Pool or job, chosen by the daemon. */
  readonly id: bigint;
  readonly stage: StageName;
  readonly index: number;
  readonly errno: number;
  readonly detail: string;
}

export interface PoolCloseMessage {
  readonly type: 'pool_close';
  /** Pool or job, chosen by the daemon. */
  readonly id: bigint;
}

export interface PoolClosedMessage {
  readonly type: 'pool_closed';
  /** Pool or job, chosen by the daemon. */
  readonly id: bigint;
}

export interface JobRunMessage {
  readonly type: 'job_run';
  /** Pool or job, chosen by the daemon. */
  readonly id: bigint;
  readonly poolId: bigint;
  /** <= the plan's; the daemon checked the policy's max */
  readonly memoryMax: bigint;
  readonly timeoutMs: bigint;
  readonly peerUid: number;
  readonly peerGid: number;
  /** files in all */
  readonly collectFilesMax: number;
  /** bytes of them in all */
  readonly collectBytesMax: bigint;
  /** bytes of stdout and stderr together that may be with the daemon before it says job_output_taken; 0 = no bound */
  readonly streamWindow: number;
  /** gid of each */
  readonly groups: readonly number[];
  readonly mounts: readonly {
    /** allowed root, a real path */
    readonly root: string;
    /** beneath the root, relative, empty = the root itself */
    readonly path: string;
    /** public path inside */
    readonly target: string;
    readonly flags: readonly JobMountFlagName[];
    readonly createMode: number;
  }[];
  readonly collects: readonly {
    /** which of `mounts`: a writable one */
    readonly mount: number;
    /** beneath the mount, relative, empty = the mount itself */
    readonly folder: string;
    /** pattern of names in the folder, as fnmatch(3) has it; empty = the mount itself, which is a file */
    readonly name: string;
  }[];
}

export interface JobStartedMessage {
  readonly type: 'job_started';
  /** Pool or job, chosen by the daemon. */
  readonly id: bigint;
  readonly slot: number;
  /** in the supervisor's PID namespace */
  readonly pid: number;
  /** waiting for a standby job */
  readonly queueUs: bigint;
  /** opening, cloning and attaching mounts */
  readonly attachUs: bigint;
}

export interface JobOutputMessage {
  readonly type: 'job_output';
  /** Pool or job, chosen by the daemon. */
  readonly id: bigint;
  readonly stream: StreamName;
  readonly data: Uint8Array;
}

export interface JobDenialMessage {
  readonly type: 'job_denial';
  /** Pool or job, chosen by the daemon. */
  readonly id: bigint;
  readonly nr: number;
  readonly arch: number;
  /** of the first occurrence */
  readonly args: readonly bigint[];
  readonly errno: number;
  readonly count: bigint;
}

export interface JobEndMessage {
  readonly type: 'job_end';
  /** Pool or job, chosen by the daemon. */
  readonly id: bigint;
  readonly status: StatusName;
  /** -1 when there is none */
  readonly exitCode: number;
  /** 0 when there is none */
  readonly signal: number;
  readonly truncated: readonly TruncatedName[];
  readonly stage: StageName;
  readonly stageIndex: number;
  readonly errno: number;
  readonly slot: number;
  /** 1 once the code was released to the job */
  readonly started: number;
  readonly receiptFlags: readonly ReceiptFlagName[];
  /** bytes; all ones when unknown */
  readonly memoryPeak: bigint;
  /** all ones when unknown */
  readonly cpuTimeUs: bigint;
  /** by a limit of processes and threads; all ones when unknown */
  readonly forksRefused: bigint;
  /** release of the code to the end of the process */
  readonly runUs: bigint;
  readonly teardownUs: bigint;
  /** CLONE_NEW* bits really entered */
  readonly namespaces: readonly NamespaceName[];
  /** used for this job; 0 when not enforced */
  readonly landlockAbi: number;
  /** as given to landlock_create_ruleset(2) */
  readonly landlockHandledFs: bigint;
  readonly landlockHandledNet: bigint;
  readonly landlockScoped: bigint;
  readonly cgroupVersion: number;
  readonly limitsEnforced: readonly LimitBitName[];
  /** read back */
  readonly memoryMax: bigint;
  readonly pidsMax: bigint;
  readonly cpuQuotaUs: bigint;
  readonly cpuPeriodUs: bigint;
  /** read back from uid_map and gid_map of the job */
  readonly insideUid: number;
  readonly insideGid: number;
  /** host id behind the inside id, from the same files */
  readonly outsideUid: number;
  readonly outsideGid: number;
  /** name of the plan that the supervisor had mapped and carried out */
  readonly planDigest: Uint8Array;
  /** sha256 of the program that the job gave to seccomp(2) */
  readonly seccompDigest: Uint8Array;
  /** by which the notifications were answered */
  readonly mode: AppliedModeName;
  /** of the program that the job gave to seccomp(2) */
  readonly seccompInstructions: number;
  readonly denialsTotal: number;
  /** which job of its process this was, from 1; 0 when it had none */
  readonly execution: number;
  /** 1: what the request collects follows as job_collected */
  readonly collecting: number;
  /** path or words that belong to stage and errno */
  readonly detail: string;
}

export interface JobCancelMessage {
  readonly type: 'job_cancel';
  /** Pool or job, chosen by the daemon. */
  readonly id: bigint;
  /** 1: not if its code was released */
  readonly waitingOnly: number;
}

export interface LogMessage {
  readonly type: 'log';
  /** Pool or job, chosen by the daemon. */
  readonly id: bigint;
  readonly level: LogLevelName;
  /** number of the code in schemas/errors.json that fits a supervisor that cannot start; 0 = none in particular */
  readonly code: number;
  readonly text: string;
}

export interface EnvelopeMessage {
  readonly type: 'envelope';
  /** Pool or job, chosen by the daemon. */
  readonly id: bigint;
  /** host ids that slots may have; config takes some or all of them */
  readonly slotUidBase: number;
  readonly slotCount: number;
  readonly poolUidBase: number;
  readonly poolCount: number;
  /** whose ids no sandbox gets */
  readonly daemonUid: number;
  readonly daemonGid: number;
  /** config's subtree is this one or lies beneath it */
  readonly cgroupName: string;
  /** config's workspace is this one */
  readonly workspace: string;
  readonly peers: readonly {
    /** uid or gid: for whom jobs may run */
    readonly who: WhoName;
    readonly hostId: number;
  }[];
  readonly roots: readonly {
    /** absolute, without symbolic links */
    readonly path: string;
    readonly flags: readonly RootFlagName[];
    /** of a request root: whose it is */
    readonly who: WhoName;
    /** 0 for every peer */
    readonly hostId: number;
  }[];
}

export interface JobCollectedMessage {
  readonly type: 'job_collected';
  /** Pool or job, chosen by the daemon. */
  readonly id: bigint;
  /** why there is nothing; 0: the records are in the descriptor, a sealed memfd */
  readonly errno: number;
}

export interface JobOutputTakenMessage {
  readonly type: 'job_output_taken';
  /** Pool or job, chosen by the daemon. */
  readonly id: bigint;
  /** of job_output that need no room any more, since the message before */
  readonly bytes: bigint;
}

export interface WorkersAskMessage {
  readonly type: 'workers_ask';
  /** Pool or job, chosen by the daemon. */
  readonly id: bigint;
}

export interface WorkersMessage {
  readonly type: 'workers';
  /** Pool or job, chosen by the daemon. */
  readonly id: bigint;
  /** workers that have run jobs and were ended, since the start of the supervisor */
  readonly recycled: bigint;
  /** all there are; those that the list has no room for are not in it */
  readonly total: number;
  readonly workers: readonly {
    /** lower half of the pool's id */
    readonly poolLow: number;
    readonly poolHigh: number;
    /** its control group is worker-SLOT */
    readonly slot: number;
    readonly state: WorkerPhaseName;
    /** jobs that were released to it, with the one that it runs */
    readonly executions: number;
  }[];
}

/** Any message between daemon and supervisor. */
export type Message =
  | ConfigMessage
  | ReadyMessage
  | PoolOpenMessage
  | PoolReadyMessage
  | PoolFailedMessage
  | PoolCloseMessage
  | PoolClosedMessage
  | JobRunMessage
  | JobStartedMessage
  | JobOutputMessage
  | JobDenialMessage
  | JobEndMessage
  | JobCancelMessage
  | LogMessage
  | EnvelopeMessage
  | JobCollectedMessage
  | JobOutputTakenMessage
  | WorkersAskMessage
  | WorkersMessage;

export const MESSAGES: Readonly<Record<MessageName, MessageLayout>> = {
  config: {
    struct: {
      size: 72,
      fields: [
        { name: 'slotUidBase', type: 'u32', offset: 16 },
        { name: 'slotCount', type: 'u32', offset: 20 },
        { name: 'poolUidBase', type: 'u32', offset: 24 },
        { name: 'poolCount', type: 'u32', offset: 28 },
        { name: 'cgroupName', type: 'str', offset: 32 },
        { name: 'workspace', type: 'str', offset: 36 },
        { name: 'landlockAbiCap', type: 'u32', offset: 40 },
        { name: 'daemonPid', type: 'u32', offset: 44 },
        { name: 'openDeadlineMs', type: 'u32', offset: 48, min: 1, max: 3600000 },
        { name: 'openHangingMax', type: 'u32', offset: 52, min: 1, max: 1024 },
        { name: 'workerDeadlineMs', type: 'u32', offset: 56, min: 1, max: 3600000 },
        { name: 'poolDeadlineMs', type: 'u32', offset: 60, min: 1, max: 3600000 },
        { name: 'slotGidBase', type: 'u32', offset: 64 },
        { name: 'pad', type: 'u32', offset: 68, pad: true },
      ],
    },
    tails: [],
    hasStrings: true,
  },
  ready: {
    struct: {
      size: 56,
      fields: [
        { name: 'supervisorPid', type: 'u32', offset: 16 },
        { name: 'flags', type: 'u32', offset: 20, flags: CONFIG_FLAG },
        { name: 'landlockAbi', type: 'u32', offset: 24 },
        { name: 'landlockErrata', type: 'u32', offset: 28 },
        { name: 'cgroupVersion', type: 'u32', offset: 32, max: 2 },
        { name: 'limitsAvailable', type: 'u32', offset: 36, flags: LIMIT_BIT },
        { name: 'cgroupBase', type: 'str', offset: 40 },
        { name: 'cgroupCpuBase', type: 'str', offset: 44 },
        { name: 'cgroupReason', type: 'str', offset: 48 },
        { name: 'pad', type: 'u32', offset: 52, pad: true },
      ],
    },
    tails: [],
    hasStrings: true,
  },
  pool_open: {
    struct: {
      size: 40,
      fields: [
        { name: 'standby', type: 'u32', offset: 16 },
        { name: 'max', type: 'u32', offset: 20 },
        { name: 'runAsUid', type: 'u32', offset: 24 },
        { name: 'runAsGid', type: 'u32', offset: 28 },
        { name: 'tenant', type: 'u32', offset: 32, min: 1 },
        { name: 'pad', type: 'u32', offset: 36, pad: true },
      ],
    },
    tails: [],
    hasStrings: false,
  },
  pool_ready: {
    struct: {
      size: 32,
      fields: [
        { name: 'zygotePid', type: 'u32', offset: 16 },
        { name: 'pad', type: 'u32', offset: 20, pad: true },
        { name: 'setupUs', type: 'u64', offset: 24 },
      ],
    },
    tails: [],
    hasStrings: false,
  },
  pool_failed: {
    struct: {
      size: 32,
      fields: [
        { name: 'stage', type: 'u32', offset: 16, names: STAGE_NAMES },
        { name: 'index', type: 'u32', offset: 20 },
        { name: 'errno', type: 'u32', offset: 24 },
        { name: 'detail', type: 'str', offset: 28 },
      ],
    },
    tails: [],
    hasStrings: true,
  },
  pool_close: {
    struct: {
      size: 16,
      fields: [],
    },
    tails: [],
    hasStrings: false,
  },
  pool_closed: {
    struct: {
      size: 16,
      fields: [],
    },
    tails: [],
    hasStrings: false,
  },
  job_run: {
    struct: {
      size: 80,
      fields: [
        { name: 'poolId', type: 'u64', offset: 16 },
        { name: 'memoryMax', type: 'u64', offset: 24, min: 1 },
        { name: 'timeoutMs', type: 'u64', offset: 32, min: 1 },
        { name: 'peerUid', type: 'u32', offset: 40 },
        { name: 'peerGid', type: 'u32', offset: 44 },
        { name: 'groupCount', type: 'u32', offset: 48, countOf: 'groups' },
        { name: 'mountCount', type: 'u32', offset: 52, countOf: 'mounts' },
        { name: 'collectCount', type: 'u32', offset: 56, countOf: 'collects' },
        { name: 'collectFilesMax', type: 'u32', offset: 60, max: 256 },
        { name: 'collectBytesMax', type: 'u64', offset: 64, max: 16777216 },
        { name: 'streamWindow', type: 'u32', offset: 72 },
        { name: 'pad', type: 'u32', offset: 76, pad: true },
      ],
    },
    tails: [
      { name: 'groups', bound: 32768, record: {
        size: 4,
        fields: [
          { name: 'gid', type: 'u32', offset: 0 },
        ],
      } },
      { name: 'mounts', bound: 16, record: {
        size: 20,
        fields: [
          { name: 'root', type: 'str', offset: 0 },
          { name: 'path', type: 'str', offset: 4 },
          { name: 'target', type: 'str', offset: 8 },
          { name: 'flags', type: 'u32', offset: 12, flags: JOB_MOUNT_FLAG },
          { name: 'createMode', type: 'u32', offset: 16, max: 511 },
        ],
      } },
      { name: 'collects', bound: 16, record: {
        size: 12,
        fields: [
          { name: 'mount', type: 'u32', offset: 0, max: 15 },
          { name: 'folder', type: 'str', offset: 4 },
          { name: 'name', type: 'str', offset: 8 },
        ],
      } },
    ],
    hasStrings: true,
  },
  job_started: {
    struct: {
      size: 40,
      fields: [
        { name: 'slot', type: 'u32', offset: 16 },
        { name: 'pid', type: 'u32', offset: 20 },
        { name: 'queueUs', type: 'u64', offset: 24 },
        { name: 'attachUs', type: 'u64', offset: 32 },
      ],
    },
    tails: [],
    hasStrings: false,
  },
  job_output: {
    struct: {
      size: 24,
      fields: [
        { name: 'stream', type: 'u32', offset: 16, names: STREAM_NAMES },
        { name: 'length', type: 'u32', offset: 20, countOf: 'data' },
      ],
    },
    tails: [
      { name: 'data', bound: 65536, record: undefined },
    ],
    hasStrings: false,
  },
  job_denial: {
    struct: {
      size: 88,
      fields: [
        { name: 'nr', type: 'u32', offset: 16 },
        { name: 'arch', type: 'u32', offset: 20 },
        { name: 'args', type: 'u64', offset: 24, count: 6 },
        { name: 'errno', type: 'u32', offset: 72 },
        { name: 'pad', type: 'u32', offset: 76, pad: true },
        { name: 'count', type: 'u64', offset: 80 },
      ],
    },
    tails: [],
    hasStrings: false,
  },
  job_end: {
    struct: {
      size: 272,
      fields: [
        { name: 'status', type: 'u32', offset: 16, names: STATUS_NAMES },
        { name: 'exitCode', type: 'i32', offset: 20 },
        { name: 'signal', type: 'u32', offset: 24 },
        { name: 'truncated', type: 'u32', offset: 28, flags: TRUNCATED },
        { name: 'stage', type: 'u32', offset: 32, names: STAGE_NAMES },
        { name: 'stageIndex', type: 'u32', offset: 36 },
        { name: 'errno', type: 'u32', offset: 40 },
        { name: 'slot', type: 'u32', offset: 44 },
        { name: 'started', type: 'u32', offset: 48, max: 1 },
        { name: 'receiptFlags', type: 'u32', offset: 52, flags: RECEIPT_FLAG },
        { name: 'memoryPeak', type: 'u64', offset: 56 },
        { name: 'cpuTimeUs', type: 'u64', offset: 64 },
        { name: 'forksRefused', type: 'u64', offset: 72 },
        { name: 'runUs', type: 'u64', offset: 80 },
        { name: 'teardownUs', type: 'u64', offset: 88 },
        { name: 'namespaces', type: 'u32', offset: 96, flags: NAMESPACE },
        { name: 'landlockAbi', type: 'u32', offset: 100 },
        { name: 'landlockHandledFs', type: 'u64', offset: 104 },
        { name: 'landlockHandledNet', type: 'u64', offset: 112 },
        { name: 'landlockScoped', type: 'u64', offset: 120 },
        { name: 'cgroupVersion', type: 'u32', offset: 128, max: 2 },
        { name: 'limitsEnforced', type: 'u32', offset: 132, flags: LIMIT_BIT },
        { name: 'memoryMax', type: 'u64', offset: 136 },
        { name: 'pidsMax', type: 'u64', offset: 144 },
        { name: 'cpuQuotaUs', type: 'u64', offset: 152 },
        { name: 'cpuPeriodUs', type: 'u64', offset: 160 },
        { name: 'insideUid', type: 'u32', offset: 168 },
        { name: 'insideGid', type: 'u32', offset: 172 },
        { name: 'outsideUid', type: 'u32', offset: 176 },
        { name: 'outsideGid', type: 'u32', offset: 180 },
        { name: 'planDigest', type: 'bytes32', offset: 184 },
        { name: 'seccompDigest', type: 'bytes32', offset: 216 },
        { name: 'mode', type: 'u32', offset: 248, names: APPLIED_MODE_NAMES },
        { name: 'seccompInstructions', type: 'u32', offset: 252 },
        { name: 'denialsTotal', type: 'u32', offset: 256 },
        { name: 'execution', type: 'u32', offset: 260 },
        { name: 'collecting', type: 'u32', offset: 264, max: 1 },
        { name: 'detail', type: 'str', offset: 268 },
      ],
    },
    tails: [],
    hasStrings: true,
  },
  job_cancel: {
    struct: {
      size: 24,
      fields: [
        { name: 'waitingOnly', type: 'u32', offset: 16, max: 1 },
        { name: 'pad', type: 'u32', offset: 20, pad: true },
      ],
    },
    tails: [],
    hasStrings: false,
  },
  log: {
    struct: {
      size: 32,
      fields: [
        { name: 'level', type: 'u32', offset: 16, names: LOG_LEVEL_NAMES },
        { name: 'code', type: 'u32', offset: 20 },
        { name: 'text', type: 'str', offset: 24 },
        { name: 'pad', type: 'u32', offset: 28, pad: true },
      ],
    },
    tails: [],
    hasStrings: true,
  },
  envelope: {
    struct: {
      size: 56,
      fields: [
        { name: 'slotUidBase', type: 'u32', offset: 16, min: 1 },
        { name: 'slotCount', type: 'u32', offset: 20, min: 1 },
        { name: 'poolUidBase', type: 'u32', offset: 24, min: 1 },
        { name: 'poolCount', type: 'u32', offset: 28, min: 1 },
        { name: 'daemonUid', type: 'u32', offset: 32 },
        { name: 'daemonGid', type: 'u32', offset: 36 },
        { name: 'cgroupName', type: 'str', offset: 40 },
        { name: 'workspace', type: 'str', offset: 44 },
        { name: 'peerCount', type: 'u32', offset: 48, countOf: 'peers' },
        { name: 'rootCount', type: 'u32', offset: 52, countOf: 'roots' },
      ],
    },
    tails: [
      { name: 'peers', bound: 1024, record: {
        size: 8,
        fields: [
          { name: 'who', type: 'u32', offset: 0, names: WHO_NAMES },
          { name: 'hostId', type: 'u32', offset: 4 },
        ],
      } },
      { name: 'roots', bound: 1024, record: {
        size: 16,
        fields: [
          { name: 'path', type: 'str', offset: 0 },
          { name: 'flags', type: 'u32', offset: 4, flags: ROOT_FLAG },
          { name: 'who', type: 'u32', offset: 8, names: WHO_NAMES },
          { name: 'hostId', type: 'u32', offset: 12 },
        ],
      } },
    ],
    hasStrings: true,
  },
  job_collected: {
    struct: {
      size: 24,
      fields: [
        { name: 'errno', type: 'u32', offset: 16 },
        { name: 'pad', type: 'u32', offset: 20, pad: true },
      ],
    },
    tails: [],
    hasStrings: false,
  },
  job_output_taken: {
    struct: {
      size: 24,
      fields: [
        { name: 'bytes', type: 'u64', offset: 16 },
      ],
    },
    tails: [],
    hasStrings: false,
  },
  workers_ask: {
    struct: {
      size: 16,
      fields: [],
    },
    tails: [],
    hasStrings: false,
  },
  workers: {
    struct: {
      size: 32,
      fields: [
        { name: 'recycled', type: 'u64', offset: 16 },
        { name: 'total', type: 'u32', offset: 24 },
        { name: 'workerCount', type: 'u32', offset: 28, countOf: 'workers' },
      ],
    },
    tails: [
      { name: 'workers', bound: 8192, record: {
        size: 20,
        fields: [
          { name: 'poolLow', type: 'u32', offset: 0 },
          { name: 'poolHigh', type: 'u32', offset: 4 },
          { name: 'slot', type: 'u32', offset: 8 },
          { name: 'state', type: 'u32', offset: 12, names: WORKER_PHASE_NAMES },
          { name: 'executions', type: 'u32', offset: 16 },
        ],
      } },
    ],
    hasStrings: false,
  },
};
