/**
 * The classic BPF that a plan may use, and how seccomp(2) reads it. Numbers of linux/bpf_common.h, linux/filter.h and
 * linux/seccomp.h; `native/core/lw_bpf.c` asserts the same ones against the headers.
 */

/** `code` of every instruction that a filter may have. Loads are LD W ABS, arithmetic and jumps take the constant K. */
export const BPF = {
  JA: 0x05,
  RET_K: 0x06,
  JEQ_K: 0x15,
  LD_W_ABS: 0x20,
  JGT_K: 0x25,
  JGE_K: 0x35,
  JSET_K: 0x45,
  AND_K: 0x54,
} as const;

/** Longest filter that the kernel takes (BPF_MAXINSNS). */
export const BPF_MAX_INSTRUCTIONS = 4096;

/** What RET returns: one of these, `ERRNO` with the errno in its low 16 bits. */
export const SECCOMP_RET = {
  KILL_PROCESS: 0x8000_0000,
  ERRNO: 0x0005_0000,
  USER_NOTIF: 0x7fc0_0000,
  LOG: 0x7ffc_0000,
  ALLOW: 0x7fff_0000,
} as const;

export const SECCOMP_RET_ACTION_FULL = 0xffff_0000;
export const SECCOMP_RET_DATA = 0xffff;

/** Largest errno that a system call can return. */
const ERRNO_MAX = 4095;

/** Byte offsets in `struct seccomp_data`; it is little-endian on both architectures that Leeward knows. */
export const SECCOMP_DATA = {
  size: 64,
  nr: 0,
  arch: 4,
  instructionPointer: 8,
  /** Low half of argument 0..5. */
  argLow: (index: number) => 16 + 8 * index,
  /** High half of argument 0..5. */
  argHigh: (index: number) => 20 + 8 * index,
} as const;

/** A RET value in the words of the policy language. */
export type SeccompAction =
  | { readonly kind: 'allow' | 'log' | 'notify' | 'kill_process' }
  | { readonly kind: 'errno'; readonly errno: number };

/** The action of a RET value, undefined when a plan may not return it. */
export function seccompAction(value: number): SeccompAction | undefined {
  const data = value & SECCOMP_RET_DATA;
  const action = (value & SECCOMP_RET_ACTION_FULL) >>> 0;
  if (action === SECCOMP_RET.ERRNO) {
    // errno 0 would make a denied call look as if it had succeeded.
    return data >= 1 && data <= ERRNO_MAX ? { kind: 'errno', errno: data } : undefined;
  }
  const kind = PLAIN_ACTIONS.get(action);
  return kind !== undefined && data === 0 ? { kind } : undefined;
}

const PLAIN_ACTIONS = new Map<number, Exclude<SeccompAction['kind'], 'errno'>>([
  [SECCOMP_RET.ALLOW, 'allow'],
  [SECCOMP_RET.LOG, 'log'],
  [SECCOMP_RET.USER_NOTIF, 'notify'],
  [SECCOMP_RET.KILL_PROCESS, 'kill_process'],
]);

/** The RET value of an action. */
export function seccompReturn(action: SeccompAction): number {
  switch (action.kind) {
    case 'allow':
      return SECCOMP_RET.ALLOW;
    case 'log':
      return SECCOMP_RET.LOG;
    case 'notify':
      return SECCOMP_RET.USER_NOTIF;
    case 'kill_process':
      return SECCOMP_RET.KILL_PROCESS;
    case 'errno':
      return SECCOMP_RET.ERRNO + action.errno;
  }
}
