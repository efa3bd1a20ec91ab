/**
 * The plan: everything one kind of sandbox is, as plain data. The policy compiler makes it, the native side carries it out.
 * Field by field it is `schemas/plan.layout.json`; names here are the same in camelCase.
 */
import type { Arch } from '../kernel/types.js';

/** One classic BPF instruction (`struct sock_filter` of linux/filter.h). */
export interface BpfInstruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

/** How the supervisor answers a notified system call. */
export interface NotifyAnswer {
  readonly nr: number;
  /** `kill`: recorded, never answered; the whole job is killed. */
  readonly action: 'continue' | 'errno' | 'kill';
  /** Positive errno; else 0. */
  readonly errno: number;
}

/** One Landlock path_beneath rule: access bits of linux/landlock.h. */
export interface LandlockRule {
  readonly path: string;
  readonly access: bigint;
}

/** One step that builds the job's root. */
export interface MountOperation {
  readonly kind: 'bind' | 'tmpfs' | 'proc' | 'device' | 'symlink' | 'directory';
  /** Host path (bind, device), link text (symlink), else empty. */
  readonly source: string;
  /** Absolute path inside the sandbox. */
  readonly target: string;
  /**
   * `nosuid` always, `nodev` with bind, tmpfs and proc and never with device, none with symlink and directory.
   * `file` (bind, device): source and target are not directories. `recursive`: bind only.
   */
  readonly flags: readonly ('read_only' | 'nosuid' | 'nodev' | 'noexec' | 'recursive' | 'file')[];
  /** Bytes and inodes of a tmpfs, both above 0; else 0. */
  readonly size: bigint;
  readonly inodes: bigint;
  /** Of a tmpfs or directory, at most 01777; else 0. */
  readonly mode: number;
}

/** A place where the supervisor may attach a mount of the request. */
export interface JobMountPoint {
  /** Public path, e.g. `/input`, at most 255 bytes; becomes a symlink into the parent of its kind. */
  readonly target: string;
  /** Entry beneath `jobParents.readOnly` or `.writable`. */
  readonly name: string;
  readonly writable: boolean;
  readonly noexec: boolean;
  readonly optional: boolean;
  /** Mode with which a missing source directory is created, or null. */
  readonly createMode: number | null;
}

export interface ResourceLimit {
  /** RLIMIT_* number. */
  readonly resource: number;
  readonly soft: bigint;
  readonly hard: bigint;
}

/**
 * Values written by the cgroup drivers, and watched by the supervisor; the job's set-up writes that of user namespaces. `UNLIMITED`
 * where the policy sets none; 0 only for swap, user namespaces and the three output caps.
 */
export interface PlanLimits {
  readonly memoryMax: bigint;
  readonly swapMax: bigint;
  readonly pidsMax: bigint;
  /** 0 to 2147483647; the kernel knows no other "unlimited". */
  readonly userNamespacesMax: number;
  readonly cpuQuotaUs: bigint;
  /** 1000 to 1000000, also when the quota is `UNLIMITED`. */
  readonly cpuPeriodUs: bigint;
  readonly cpuTimeUs: bigint;
  readonly timeoutMs: bigint;
  readonly stdoutMax: bigint;
  readonly stderrMax: bigint;
  readonly claimsMax: bigint;
  readonly unavailableService: 'refuse' | 'report';
  readonly unavailableRootless: 'refuse' | 'report';
}

export const UNLIMITED = 0xffff_ffff_ffff_ffffn;

export interface Plan {
  /** sha256, 32 bytes: the plan's name. */
  readonly digest: Uint8Array;
  readonly arch: Arch;
  readonly mode: 'enforce' | 'audit';
  readonly policyName: string;
  readonly hostname: string;
  /** CLONE_NEW* bits. */
  readonly namespaces: number;
  readonly insideUid: number;
  readonly insideGid: number;
  readonly securebits: number;
  readonly capabilities: bigint;
  readonly umask: number;
  readonly filter: readonly BpfInstruction[];
  readonly notify: readonly NotifyAnswer[];
  readonly notifyDefaultErrno: number;
  readonly denialBurst: number;
  readonly denialPerSecond: number;
  readonly landlock: {
    readonly abi: number;
    readonly minimumAbi: number;
    readonly handledFs: bigint;
    readonly handledNet: bigint;
    readonly scoped: bigint;
    readonly rules: readonly LandlockRule[];
  };
  readonly root: { readonly size: bigint; readonly inodes: bigint };
  readonly mounts: readonly MountOperation[];
  /** Neither beneath the other; empty where requests mount nothing. */
  readonly jobParents: { readonly readOnly: string; readonly writable: string };
  /** The file system of each parent. */
  readonly jobParentTmpfs: { readonly size: bigint; readonly inodes: bigint; readonly mode: number };
  /** For opening the sources of a request, and again for attaching them. */
  readonly mountDeadlineMs: bigint;
  /** Jobs that one process runs before it is recycled, 1 to 4294967295. */
  readonly reuseMax: number;
  readonly jobMounts: readonly JobMountPoint[];
  readonly noIdmap: 'refuse' | 'run_as_peer';
  /** statfs f_type values that request mounts may have. */
  readonly fileSystems: readonly bigint[];
  readonly rlimits: readonly ResourceLimit[];
  readonly limits: PlanLimits;
  readonly workDir: string;
  /** `NAME=value`, each name once; the encoder sorts them. */
  readonly environment: readonly string[];
  /** How the zygote's interpreter is started inside the sandbox: an absolute path, and arguments that are not empty. */
  readonly argv: readonly string[];
}
