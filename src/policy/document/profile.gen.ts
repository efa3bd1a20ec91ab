// Generated from schemas/{policy,runtime,tenant,profile}.schema.json by scripts/gen/policy-types.mjs. Do not edit: run `npm run gen`.

export type Action =
  | 'SCMP_ACT_ALLOW'
  | 'SCMP_ACT_ERRNO'
  | 'SCMP_ACT_KILL'
  | 'SCMP_ACT_KILL_PROCESS'
  | 'SCMP_ACT_KILL_THREAD'
  | 'SCMP_ACT_TRAP'
  | 'SCMP_ACT_TRACE'
  | 'SCMP_ACT_LOG'
  | 'SCMP_ACT_NOTIFY';
export type ErrnoRet = number | null;
export type Errno = string;
/**
 * @maxItems 64
 */
export type ScmpArches = ScmpArch[] | null;
export type ScmpArch = string;
export type Identifier = string;
export type Uint64 = number | string;
/**
 * Docker and Podman take an entry only where this holds, or leave it out.
 */
export type ProfileFilter = {
  caps?: Identifiers;
  arches?: Identifiers;
  minKernel?: string;
} | null;
/**
 * @maxItems 256
 */
export type Identifiers = Identifier[] | null;

/**
 * A seccomp profile for container runtimes: `linux.seccomp` of the OCI runtime specification (config-linux.md), with what Docker (moby/profiles) and Podman (containers/common) add to it.
 */
export interface ProfileDocument {
  defaultAction: Action;
  defaultErrnoRet?: ErrnoRet;
  defaultErrno?: Errno;
  architectures?: ScmpArches;
  /**
   * @maxItems 64
   */
  archMap?:
    | {
        architecture: ScmpArch;
        subArchitectures?: ScmpArches;
      }[]
    | null;
  /**
   * @maxItems 16
   */
  flags?:
    | (
        | 'SECCOMP_FILTER_FLAG_TSYNC'
        | 'SECCOMP_FILTER_FLAG_LOG'
        | 'SECCOMP_FILTER_FLAG_SPEC_ALLOW'
        | 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'
      )[]
    | null;
  listenerPath?: string;
  listenerMetadata?: string;
  /**
   * @maxItems 4096
   */
  syscalls?: ProfileEntry[] | null;
}
export interface ProfileEntry {
  /**
   * @maxItems 1024
   */
  names?: Identifier[] | null;
  name?: Identifier;
  action: Action;
  errnoRet?: ErrnoRet;
  errno?: Errno;
  /**
   * @maxItems 64
   */
  args?: ProfileArgument[] | null;
  comment?: string;
  includes?: ProfileFilter;
  excludes?: ProfileFilter;
}
export interface ProfileArgument {
  index: number;
  value: Uint64;
  valueTwo?: Uint64;
  op:
    | 'SCMP_CMP_NE'
    | 'SCMP_CMP_LT'
    | 'SCMP_CMP_LE'
    | 'SCMP_CMP_EQ'
    | 'SCMP_CMP_GE'
    | 'SCMP_CMP_GT'
    | 'SCMP_CMP_MASKED_EQ';
}
