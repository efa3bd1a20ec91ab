/**
 * The values that travel between the passes of the policy compiler, and what it hands to the daemon.
 *
 *     text -parsePolicy-> PolicyDocument -resolvePolicy-> EffectivePolicy -compilePolicy-> CompiledPolicy
 */
import type { Diagnostic, Range } from '../errors/diagnostic.js';
import type { Arch } from '../kernel/types.js';
import type { Plan } from '../plan/plan.js';

/** The text of one file. `file` is the name that diagnostics print. */
export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

/**
 * Finds what `extends` names: `builtin:python@1`, or the name of another policy. Answers undefined when there is none.
 * `builtinPath` tells where a builtin lies in the package.
 */
export interface PolicyLoader {
  (reference: string): SourceFile | undefined;
  /** Names of policies that there are besides the builtin ones, for hints. */
  readonly names?: () => readonly string[];
  /** Names of the runtimes that there are; without it nobody asks whether a policy's is there. */
  readonly runtimes?: () => readonly string[];
}

/** The place in a policy file that a value came from. */
export interface Origin {
  readonly file: string;
  readonly range: Range;
}

/** A value and where it was written. */
export interface Sourced<T> {
  readonly value: T;
  readonly origin: Origin;
}

export type ActionName = 'allow' | 'errno' | 'kill_process';
export type Report = 'none' | 'daemon';

/**
 * A condition on one argument, its words as written: numbers, names of constants, or names joined with `|`. Words are
 * looked up per architecture when the policy is compiled.
 */
export type Condition =
  | { readonly kind: 'oneOf'; readonly words: readonly string[] }
  | { readonly kind: 'noneOf'; readonly words: readonly string[] }
  | { readonly kind: 'masked'; readonly mask: string; readonly equals: string }
  | { readonly kind: 'range'; readonly min: string; readonly max: string };

/** Conditions by argument name; all of them must hold. */
export type ArgumentConditions = ReadonlyMap<string, Sourced<Condition>>;

/** One allowed call; several entries of the same call are alternatives. */
export interface AllowEntry {
  readonly syscall: string;
  readonly args: ArgumentConditions;
  /** `daemon`: the call is notified and continued (base alone may say so). */
  readonly report: Report;
  readonly origin: Origin;
  /** The group that the entry came from, outermost first, with the place that names the group. */
  readonly via: readonly Sourced<string>[];
}

/** A condition that every allow entry of the call must meet too. */
export interface RestrictEntry {
  readonly syscall: string;
  readonly args: ArgumentConditions;
  readonly origin: Origin;
}

/** An explicit denial. It is decided before any allow entry. */
export interface RuleEntry {
  readonly syscall: string;
  readonly args: ArgumentConditions;
  readonly action: 'errno' | 'kill_process';
  /** Name of the errno; empty with `kill_process`. */
  readonly errno: string;
  readonly report: Report;
  readonly origin: Origin;
  /** From `builtin:base`: no other policy may override it. */
  readonly locked: boolean;
}

export interface DefaultAction {
  /** `allow` with `audit` alone. */
  readonly action: ActionName;
  readonly errno: string;
  readonly report: Report;
  readonly origin: Origin;
  readonly audit?: AuditedDefault;
}

/** With `mode: audit`. */
export interface AuditedDefault {
  /** What the policy says, and what holds with `mode: enforce`. */
  readonly enforced: DefaultAction;
  /** Calls to which it applies all the same, unreported, when no entry allows them. */
  readonly refused: readonly string[];
}

export interface EffectiveSyscalls {
  readonly default: DefaultAction;
  readonly allow: readonly AllowEntry[];
  readonly restrict: readonly RestrictEntry[];
  readonly rules: readonly RuleEntry[];
}

/**
 * A Landlock path and its access: `read`, `write`, or exact rights such as `ioctl_dev`.
 */
export interface LandlockPath {
  readonly path: string;
  readonly access: readonly string[];
  readonly origin: Origin;
}

export interface EffectiveLandlock {
  readonly abi: Sourced<number>;
  readonly minimumAbi: Sourced<number>;
  readonly paths: readonly LandlockPath[];
  readonly scoped: readonly Sourced<string>[];
}

interface MountBase {
  /** Absolute path inside the sandbox. */
  readonly target: string;
  readonly optional: boolean;
  readonly noexec: boolean;
  readonly origin: Origin;
}

/** One entry of `mounts`. A bind whose source has a placeholder is a job mount. */
export type EffectiveMount = MountBase &
  (
    | {
        readonly kind: 'bind';
        readonly source: string;
        readonly readOnly: boolean;
        /** Octal mode of a source directory that is made when it is missing. */
        readonly createMode: number | null;
        /** What is mounted beneath the source comes along. */
        readonly submounts: boolean;
      }
    | { readonly kind: 'runtime' | 'worker' }
    /** Bytes. */
    | { readonly kind: 'tmpfs'; readonly size: bigint; readonly inodes: bigint; readonly mode: number }
    | { readonly kind: 'symlink'; readonly source: string }
  );

export interface EffectiveRequestMounts {
  /** Host directories, perhaps with placeholders, beneath which a request may name sources. */
  readonly allowedPaths: readonly Sourced<string>[];
  readonly parents: Sourced<{ readonly readOnly: string; readonly writable: string }>;
  /** The tmpfs of each parent; size in bytes. */
  readonly parentTmpfs: Sourced<{ readonly size: bigint; readonly inodes: bigint; readonly mode: number }>;
  /** Milliseconds for opening all sources of a request, and again for attaching them. */
  readonly deadline: Sourced<bigint>;
  /** Names of file systems that a source may lie on. */
  readonly fileSystems: readonly Sourced<string>[];
}

/** What a request gets when it asks for nothing, and the most that it may ask for. */
export interface RequestLimit {
  readonly default: bigint;
  readonly max: bigint;
}

export interface EffectiveLimits {
  /** Bytes. */
  readonly memory: Sourced<RequestLimit>;
  /** Milliseconds. */
  readonly timeout: Sourced<RequestLimit>;
  /** Microseconds of processor time of the whole job. */
  readonly cpuTime: Sourced<bigint>;
  readonly swap: Sourced<bigint>;
  /** Thousandths of a processor. */
  readonly milliCpus: Sourced<bigint>;
  readonly pids: Sourced<bigint>;
  /** At a time, made by the job. */
  readonly userNamespaces: Sourced<bigint>;
  readonly stdout: Sourced<bigint>;
  readonly stderr: Sourced<bigint>;
  readonly claims: Sourced<bigint>;
  readonly openFiles: Sourced<bigint>;
  readonly fileSize: Sourced<bigint>;
  readonly core: Sourced<bigint>;
  readonly stack: Sourced<bigint>;
  readonly lockedMemory: Sourced<bigint>;
  readonly whenUnavailable: Sourced<{
    readonly service: 'refuse' | 'report';
    readonly rootless: 'refuse' | 'report';
  }>;
}

export interface EffectiveIdentity {
  readonly uid: Sourced<number>;
  readonly gid: Sourced<number>;
  readonly umask: Sourced<number>;
  readonly withoutIdMap: Sourced<'refuse' | 'runAsPeer'>;
}

/** A row of `tests`. `python` rows need a real sandbox. */
export type PolicyTest =
  | {
      readonly kind: 'syscall';
      readonly syscall: string;
      /** Values by argument name; arguments that are not named are 0. */
      readonly args: ReadonlyMap<string, Sourced<string>>;
      readonly expect: { readonly action: ActionName; readonly errno: string };
      readonly origin: Origin;
    }
  | {
      readonly kind: 'python';
      readonly code: string;
      /** Name of the exception that must end the code, or null when it must end normally. */
      readonly error: string | null;
      readonly origin: Origin;
    };

/** A policy after `extends`, groups, `remove` and `restrict`: every value that holds, and where it was written. */
export interface EffectivePolicy {
  readonly name: string;
  readonly description: string;
  /** The policy's own file and the ones that it extends, parents first. */
  readonly files: readonly SourceFile[];
  readonly origin: Origin;
  /** Only to be extended: `abstract: true`. */
  readonly abstract: boolean;
  /** Name of the runtime, or null. */
  readonly runtime: Sourced<string> | null;
  readonly mode: Sourced<'enforce' | 'audit'>;
  /** Jobs that one worker runs; 1 is a fresh process for each. */
  readonly reuse: Sourced<number>;
  readonly syscalls: EffectiveSyscalls;
  readonly denials: Sourced<{ readonly burst: number; readonly perSecond: number }>;
  readonly landlock: EffectiveLandlock;
  readonly mounts: readonly EffectiveMount[];
  readonly requestMounts: EffectiveRequestMounts;
  readonly devices: readonly Sourced<string>[];
  readonly proc: Sourced<'private' | 'none'>;
  readonly namespaces: readonly Sourced<string>[];
  readonly limits: EffectiveLimits;
  readonly identity: EffectiveIdentity;
  readonly network: Sourced<string>;
  readonly hostname: Sourced<string>;
  readonly root: Sourced<{ readonly size: bigint; readonly inodes: bigint }>;
  readonly workingDirectory: Sourced<string>;
  /** Sorted by name. */
  readonly environment: ReadonlyMap<string, Sourced<string>>;
  /** Names that a request may set, perhaps ending in `*`. */
  readonly requestEnvironment: readonly Sourced<string>[];
  readonly tests: readonly PolicyTest[];
}

/** A runtime: how a sandbox is run. Nothing in it allows anything. */
export interface RuntimeSpec {
  readonly name: string;
  readonly description: string;
  readonly file: string;
  /** Absolute host path, the same inside the sandbox. */
  readonly interpreter: string;
  /** Name of the lock file beside the runtime's, or null when the interpreter's own modules are enough. */
  readonly requirements: string | null;
  /** Modules that the zygote imports, in order. */
  readonly preload: readonly string[];
  /** Names of the job's first namespace and the modules that they stand for: `{pd: pandas}`. */
  readonly globals: Readonly<Record<string, string>>;
  /** Python source that is run once after the preload, or null. */
  readonly warmup: string | null;
  readonly pool: { readonly standby: number; readonly max: number };
  /** `host`: one zygote for all tenants. */
  readonly share: 'tenant' | 'host';
  readonly origin: Origin;
}

/** What a path of the host is, after all symlinks. */
export interface ResolvedPath {
  /** The path without symlinks; with `missing` the path that was asked for. */
  readonly real: string;
  readonly kind: 'file' | 'directory' | 'device' | 'missing';
}

/** What the compiler must know about the host. */
export interface HostFacts {
  readonly arch: Arch;
  /** 0 when the kernel has no Landlock. */
  readonly landlockAbi: number;
  resolve(path: string): ResolvedPath;
  /** Real path of the built runtime (a virtual environment), or null when it needs none. */
  readonly runtimeDirectory: string | null;
  /** Directory with `libleeward-worker.so` and `zygote.py`. */
  readonly workerDirectory: string;
  /** True for a root service, which can id-map mounts. */
  readonly privileged: boolean;
}

/** A mount that is made when a request is known. Its target is in the plan's `jobMounts`. */
export interface JobMountTemplate {
  readonly target: string;
  /** Host path with placeholders: `${job.id}`, `${tenant}`, `${params.NAME}`. */
  readonly source: string;
  /** Names of the placeholders in `source`, each once: `job.id`, `params.region`. */
  readonly placeholders: readonly string[];
  readonly readOnly: boolean;
  readonly noexec: boolean;
  /** Left out when a placeholder has no value or the source does not exist. */
  readonly optional: boolean;
  /** Octal mode with which a missing source is made, or null. */
  readonly createMode: number | null;
  readonly origin: Origin;
}

/** A host directory beneath which a request may name sources. */
export interface AllowedPath {
  /** Absolute; a template when `placeholders` is not empty, else already without symlinks. */
  readonly path: string;
  readonly placeholders: readonly string[];
  readonly origin: Origin;
}

/** A part of the sandbox where a request may put mounts that the policy does not have. */
export interface RequestTarget {
  readonly path: string;
  readonly writable: boolean;
  readonly origin: Origin;
}

/** What admission checks a request against. */
export interface Admission {
  readonly jobMounts: readonly JobMountTemplate[];
  readonly allowedPaths: readonly AllowedPath[];
  readonly targets: readonly RequestTarget[];
  /** Targets of the plan's own mounts; a request may not mount at, over or beneath them. */
  readonly policyTargets: readonly string[];
  readonly limits: {
    /** Bytes. */
    readonly memory: Sourced<RequestLimit>;
    /** Milliseconds. */
    readonly timeout: Sourced<RequestLimit>;
  };
  /** Names that a request may set, perhaps ending in `*`. Forbidden names are already out. */
  readonly requestEnvironment: readonly string[];
}

/** What an instruction of a filter decides, and where that was written. */
export interface InstructionNote {
  readonly text: string;
  readonly origin: Origin | null;
}

/** A policy that is ready for one host: the plan for the native side, and what the daemon decides by. */
export interface CompiledPolicy {
  readonly plan: Plan;
  readonly policy: EffectivePolicy;
  readonly runtime: RuntimeSpec;
  readonly admission: Admission;
}

/** The outcome of a pass: a value when nothing forbids it, and all findings. */
export interface Outcome<T> {
  readonly value: T | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** One call as seccomp sees it. */
export interface SyscallEvent {
  /** AUDIT_ARCH_*, unsigned. */
  readonly arch: number;
  /** Unsigned 32 bits. */
  readonly nr: number;
  /** Six, unsigned 64 bits each. */
  readonly args: readonly bigint[];
}

/** What the policy means for one call. */
export interface Decision {
  readonly action: ActionName;
  /** Positive errno with `errno`, else 0. */
  readonly errno: number;
  /** True when the supervisor is asked: it refuses with `errno`, or continues with `allow`. */
  readonly notify: boolean;
  /** The entry that decided, or null for what no policy can change (foreign architecture, unknown number). */
  readonly origin: Origin | null;
}

/** A tenant file whose own content is right; some of its policies may not be. */
export interface CheckedTenant {
  readonly name: string;
  readonly origin: Origin;
  readonly uids: readonly number[];
  readonly gids: readonly number[];
  /** Where the ids are written. */
  readonly identities: Origin;
  readonly policies: readonly TenantPolicy[];
  /** Where the list of policies is written. */
  readonly listed: Origin;
  readonly default: string | undefined;
  readonly ceiling: string | undefined;
  readonly quota: TenantQuota;
}

export interface TenantPolicy {
  readonly name: string;
  readonly origin: Origin;
  /** Why the tenant may not use it now, or undefined. */
  readonly error: Diagnostic | undefined;
}

/** How much of the host a tenant may use; undefined: not limited for the tenant alone. */
export interface TenantQuota {
  /** Jobs that run at a time. */
  readonly concurrent: Sourced<number> | undefined;
  /** Jobs that wait. */
  readonly queue: Sourced<number> | undefined;
  /** Requests. */
  readonly perSecond: Sourced<number> | undefined;
  /** Processor time of a day (UTC), seconds. */
  readonly cpuSecondsPerDay: Sourced<number> | undefined;
  /** Share of the host when several tenants wait, in relation to that of the others; undefined: 1. */
  readonly weight: Sourced<number> | undefined;
}
