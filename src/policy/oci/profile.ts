/** `linux.seccomp` of the OCI runtime specification (config-linux.md, Seccomp), the parts that a policy needs. */
import type { Arch } from '../../kernel/types.js';
import type { ProfileArgument } from '../document/profile.gen.js';

/** The actions that a policy has a word for. */
export type OciAction = 'SCMP_ACT_ALLOW' | 'SCMP_ACT_ERRNO' | 'SCMP_ACT_KILL_PROCESS';

/** A condition on all 64 bits of one argument. */
export interface OciArgument {
  /** 0 to 5. */
  readonly index: number;
  /** What the argument is compared with; with MASKED_EQ the mask. */
  readonly value: bigint;
  /** With MASKED_EQ what the masked argument is compared with. */
  readonly valueTwo?: bigint;
  readonly op: OciOperator;
}

/** Comparisons are unsigned. */
export type OciOperator = ProfileArgument['op'];

export interface OciSyscall {
  readonly names: readonly string[];
  readonly action: OciAction;
  readonly errnoRet?: number;
  readonly args?: readonly OciArgument[];
}

export interface OciSeccomp {
  readonly defaultAction: OciAction;
  readonly defaultErrnoRet?: number;
  readonly architectures: readonly string[];
  readonly syscalls: readonly OciSyscall[];
}

/** libseccomp's names of the architectures. */
export const OCI_ARCHES: Readonly<Record<Arch, string>> = { x86_64: 'SCMP_ARCH_X86_64', arm64: 'SCMP_ARCH_AARCH64' };

/** The profile as JSON; numbers of 64 bits are written out, which JSON.stringify does not do. */
export function profileJson(profile: OciSeccomp): string {
  const text = JSON.stringify(
    profile,
    (_key, value: unknown) => (typeof value === 'bigint' ? `uint64 ${value}` : value),
    2,
  );
  return `${text.replace(/"uint64 ([0-9]+)"/g, '$1')}\n`;
}
