// Generated from schemas/{policy,runtime,tenant,profile}.schema.json by scripts/gen/policy-types.mjs. Do not edit: run `npm run gen`.

export type Name = string;
export type Reference = string;
export type AllowEntry = AllowName | AllowCall;
/**
 * Name of a system call, or of a group: `"@leeward/threads"`, `"@io-event"` (systemd's).
 */
export type AllowName = string;
export type SyscallName = string;
/**
 * A condition on one argument: a value, or one of the forms below.
 */
export type Condition = Word | ConditionOneOf | ConditionNoneOf | ConditionMask | ConditionRange;
/**
 * An integer, a constant of the kernel headers, or constants joined with `|`.
 */
export type Word = string | number;
export type ErrnoName = string;
export type Path = string;
/**
 * @maxItems 256
 */
export type Paths = Path[];
export type Mount = BindMount | RuntimeMount | WorkerMount | TmpfsMount | SymlinkMount;
/**
 * Four octal digits, quoted: "0700".
 */
export type Permissions = string;
/**
 * Bytes: an integer with B, KiB, MiB, GiB or TiB, or 0.
 */
export type Size = string | number;
/**
 * Four octal digits, quoted: "0700".
 */
export type Octal = string;
/**
 * A number with ms, s, m or h.
 */
export type Duration = string;
/**
 * A size, or what a request gets and the most that it may ask for.
 */
export type RequestSize = Size | SizeDefaultMax;
/**
 * A duration, or what a request gets and the most that it may ask for.
 */
export type RequestDuration = Duration | DurationDefaultMax;
export type PolicyTest = SyscallTest | PythonTest;

/**
 * What one kind of sandbox may do. Everything that is not said here, or in a policy that it extends, is forbidden.
 */
export interface PolicyDocument {
  /**
   * Version of the policy language.
   */
  version: 1;
  /**
   * The kind of file.
   */
  kind: 'Policy';
  name: Name;
  /**
   * One sentence for people.
   */
  description?: string;
  /**
   * `true`: only to be extended, never run. It need not be complete.
   */
  abstract?: boolean;
  /**
   * Policies that this one adds to: `builtin:python@1`, or the name of another file. Every policy extends `builtin:base@1` in the end.
   *
   * @maxItems 16
   */
  extends?: Reference[];
  /**
   * Named sets of allow entries, such as `@acme/imaging`. Policies that extend this one may use them.
   */
  groups?: {
    [k: string]: Group;
  };
  runtime?: Name;
  /**
   * `audit` lets calls through that nothing allows, and reports each: to find out what a kind of job needs, not for code that nobody trusts. Rules, Landlock, mounts and limits hold as ever. A daemon serves it only with `--allow-audit`.
   */
  mode?: 'enforce' | 'audit';
  /**
   * `never` (the default): a fresh process for every job. `{times: N}`: a process runs up to N jobs of one peer, each with its own mounts, pipes, limits and variables; what else a job leaves in the interpreter and in /tmp the next one finds.
   */
  reuse?: 'never' | ReuseTimes;
  syscalls?: Syscalls;
  denials?: Denials;
  landlock?: Landlock;
  /**
   * What the sandbox's file tree is made of, in order. A mount replaces an inherited one with the same target.
   *
   * @maxItems 128
   */
  mounts?: Mount[];
  requestMounts?: RequestMounts;
  /**
   * Files of `/dev`. Each gets the Landlock rights that it needs: read, and write for `null`, `zero` and `full`.
   */
  devices?: ('null' | 'zero' | 'full' | 'random' | 'urandom')[];
  /**
   * `private`: the sandbox's own /proc with `subset=pid`, so that nothing of the host is in it.
   */
  proc?: 'private' | 'none';
  /**
   * Namespaces of its own that a job has. `user`, `pid`, `mount` and `network` cannot be left out.
   */
  namespaces?: ('user' | 'pid' | 'mount' | 'network' | 'ipc' | 'uts' | 'cgroup')[];
  identity?: Identity;
  /**
   * Host name inside.
   */
  hostname?: string;
  root?: Root;
  workingDirectory?: Path;
  limits?: Limits;
  /**
   * `none`: no network but an empty loopback. Other kinds are not supported yet.
   */
  network?: string | NetworkKind;
  /**
   * The job's whole environment: nothing is inherited from the daemon. It holds in the zygote too. Values are text: quote numbers.
   */
  environment?: {
    [k: string]: string;
  };
  /**
   * Names that a request may set; a trailing `*` stands for the rest of the name.
   */
  requestEnvironment?: string[];
  /**
   * Expectations that are kept with the policy: system calls are simulated, Python snippets run in a real sandbox.
   *
   * @maxItems 4096
   */
  tests?: PolicyTest[];
}
export interface Group {
  description?: string;
  /**
   * @maxItems 1024
   */
  allow: AllowEntry[];
}
export interface AllowCall {
  syscall: SyscallName;
  args?: Conditions;
  /**
   * The supervisor sees the call and lets it go on. `builtin:base` alone may say so.
   */
  report?: 'daemon';
}
/**
 * Conditions by argument name; all must hold.
 */
export interface Conditions {
  [k: string]: Condition;
}
export interface ConditionOneOf {
  /**
   * The argument equals one of these.
   *
   * @minItems 1
   * @maxItems 256
   */
  oneOf: Word[];
}
export interface ConditionNoneOf {
  /**
   * None of these bits is set, for an argument that is a bit mask (flags, mode); the argument equals none of these, for any other.
   *
   * @minItems 1
   * @maxItems 256
   */
  noneOf: Word[];
}
export interface ConditionMask {
  mask: Word;
  equals: Word;
}
export interface ConditionRange {
  min?: Word;
  max?: Word;
}
export interface ReuseTimes {
  /**
   * Jobs of a process; 1 is `never`.
   */
  times: number;
}
/**
 * Which system calls a job may make.
 */
export interface Syscalls {
  default?: DefaultAction;
  /**
   * What is allowed, together with what the extended policies allow. Entries of one call are alternatives; the conditions of one entry must all hold.
   *
   * @maxItems 1024
   */
  allow?: AllowEntry[];
  /**
   * Conditions that every allow entry of the call must meet too: the only way to narrow what a group or an extended policy allows.
   */
  restrict?: {
    [k: string]: Conditions;
  };
  /**
   * Calls or groups that are not allowed after all. Applied last; removing what is not there is an error.
   *
   * @maxItems 1024
   */
  remove?: AllowName[];
  /**
   * Calls that get another answer than the default. Rules are decided before the allow entries.
   *
   * @maxItems 256
   */
  rules?: Rule[];
}
/**
 * The answer to a known call that is not allowed. Numbers that the tables do not know are always ENOSYS.
 */
export interface DefaultAction {
  action: 'errno' | 'kill_process';
  errno?: ErrnoName;
  /**
   * `daemon`: the supervisor records each denial and answers it.
   */
  report?: 'none' | 'daemon';
}
export interface Rule {
  /**
   * @minItems 1
   * @maxItems 512
   */
  names: SyscallName[];
  args?: Conditions;
  action: 'errno' | 'kill_process';
  errno?: ErrnoName;
  /**
   * As for the default, whose value holds when this is missing. A `kill_process` rule without `args` that is reported is carried out by the supervisor, which names the call and kills the whole job; `none`, and a rule with `args`, leave it to the kernel, which kills the calling process at once and tells nobody the number.
   */
  report?: 'none' | 'daemon';
}
/**
 * How many reported denials a job may cause before the answers are delayed.
 */
export interface Denials {
  burst: number;
  perSecond: number;
}
/**
 * Rights on files, enforced by Landlock on top of what the mounts make visible.
 */
export interface Landlock {
  /**
   * The newest Landlock ABI that the policy makes use of. All rights of it are handled.
   */
  abi?: number;
  /**
   * The oldest ABI that the policy accepts.
   */
  minimumAbi?: number;
  read?: Paths;
  write?: Paths;
  execute?: Paths;
  /**
   * Exact rights, in Landlock's own words.
   *
   * @maxItems 256
   */
  pathBeneath?: PathBeneath[];
  /**
   * What does not reach beyond the sandbox.
   */
  scoped?: ('signal' | 'abstract_unix_socket')[];
  remove?: Paths;
}
export interface PathBeneath {
  /**
   * @minItems 1
   */
  allowedAccess: (
    | 'execute'
    | 'write_file'
    | 'read_file'
    | 'read_dir'
    | 'remove_dir'
    | 'remove_file'
    | 'make_dir'
    | 'make_reg'
    | 'make_sock'
    | 'make_fifo'
    | 'make_sym'
    | 'refer'
    | 'truncate'
    | 'ioctl_dev'
    | 'resolve_unix'
  )[];
  parent: Paths;
}
/**
 * A directory or file of the host. With a placeholder in `source` (`${job.id}`, `${tenant}`, `${params.NAME}`) it is mounted when the request is known.
 */
export interface BindMount {
  source: string;
  target: Path;
  /**
   * Default: false.
   */
  readOnly?: boolean;
  /**
   * Default: true for job mounts, false for others.
   */
  noexec?: boolean;
  /**
   * `true`: what is mounted beneath the source comes along. Default: false, which refuses a source with mounts beneath.
   */
  submounts?: boolean;
  /**
   * Left out when the source does not exist or a placeholder has no value. Default: false, which refuses.
   */
  optional?: boolean;
  create?: CreateSource;
}
/**
 * Makes a missing source directory of a job mount, as the requesting peer.
 */
export interface CreateSource {
  mode: Permissions;
}
/**
 * Where the policy admits the files of its runtime, read-only.
 */
export interface RuntimeMount {
  runtime: true;
  target: Path;
}
/**
 * Where Leeward's own library and zygote lie, read-only.
 */
export interface WorkerMount {
  worker: true;
  target: Path;
}
/**
 * An empty directory in memory, fresh for every job and counted in its memory.
 */
export interface TmpfsMount {
  tmpfs: Path;
  size: Size;
  inodes: number;
  mode?: Octal;
  /**
   * Default: true.
   */
  noexec?: boolean;
}
/**
 * A symbolic link in the sandbox's root.
 */
export interface SymlinkMount {
  /**
   * What the link says.
   */
  symlink: string;
  target: Path;
}
/**
 * What a request may mount by itself.
 */
export interface RequestMounts {
  /**
   * Host directories beneath which a request may name sources; placeholders as in mounts.
   *
   * @maxItems 64
   */
  allowedPaths?: string[];
  /**
   * Inherited `allowedPaths` that are taken out again, exactly as they were written.
   *
   * @maxItems 64
   */
  remove?: string[];
  /**
   * Directories inside the sandbox beneath which job mounts are really attached; they carry the Landlock rights.
   */
  parents?: {
    readOnly: Path;
    writable: Path;
  };
  /**
   * The file system of each parent: it holds mount points and nothing else.
   */
  parentTmpfs?: {
    size: Size;
    /**
     * One for each mount point of a request, and the directory's own.
     */
    inodes: number;
    mode: Permissions;
  };
  deadline?: Duration;
  /**
   * File systems that a source may lie on. With `fuse` or `nfs` a job can be made to wait by whoever serves the files.
   */
  fileSystems?: string[];
}
/**
 * Who the job is.
 */
export interface Identity {
  /**
   * User id inside; it has no capability.
   */
  uid?: number;
  gid?: number;
  umask?: Permissions;
  /**
   * What happens to a request mount on a file system that cannot be id-mapped.
   */
  withoutIdMap?: 'refuse' | 'runAsPeer';
}
/**
 * The tmpfs that holds the mount points; it is read-only for the job.
 */
export interface Root {
  size: Size;
  inodes: number;
}
/**
 * How much a job may use. A value in a child replaces its parent's.
 */
export interface Limits {
  memory?: RequestSize;
  timeout?: RequestDuration;
  cpuTime?: Duration;
  swap?: Size;
  /**
   * Processors, such as 1 or 0.5 (cpu.max). Owner: cgroup.
   */
  cpus?: number;
  /**
   * Processes and threads (pids.max). Owner: cgroup.
   */
  pids?: number;
  /**
   * User namespaces that a job may make, at a time. Owner: user.max_user_namespaces of the job's own.
   */
  userNamespaces?: number;
  stdout?: Size;
  stderr?: Size;
  claims?: Size;
  /**
   * Descriptors of one process. Owner: RLIMIT_NOFILE.
   */
  openFiles?: number;
  fileSize?: Size;
  core?: Size;
  stack?: Size;
  lockedMemory?: Size;
  whenUnavailable?: WhenUnavailable;
}
export interface SizeDefaultMax {
  default: Size;
  max: Size;
}
export interface DurationDefaultMax {
  default: Duration;
  max: Duration;
}
/**
 * What happens on a host that cannot enforce a limit: the job is refused, or the receipt says so.
 */
export interface WhenUnavailable {
  /**
   * For a daemon that root started.
   */
  service: 'refuse' | 'report';
  /**
   * For an ordinary user.
   */
  rootless: 'refuse' | 'report';
}
export interface NetworkKind {
  kind: string;
}
/**
 * A simulated system call.
 */
export interface SyscallTest {
  /**
   * The call, or several that all are to be answered so.
   */
  syscall: SyscallName | SyscallName[];
  /**
   * Values by argument name; the others are 0.
   */
  args?: {
    [k: string]: Word;
  };
  expect: ('allow' | 'kill_process') | ExpectErrno;
}
export interface ExpectErrno {
  errno: ErrnoName;
}
/**
 * A snippet that runs in a real sandbox.
 */
export interface PythonTest {
  python: string;
  expect: 'ok' | ExpectError;
}
export interface ExpectError {
  /**
   * Name of the exception.
   */
  error: string;
}
