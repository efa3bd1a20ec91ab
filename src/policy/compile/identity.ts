import type { KernelTable } from '../../kernel/types.js';
import type { EffectivePolicy } from '../types.js';
import { constantOf } from './limits.js';

/** The OCI runtime specification's words for namespaces. */
const NAMESPACES: Readonly<Record<string, string>> = {
  user: 'CLONE_NEWUSER',
  pid: 'CLONE_NEWPID',
  mount: 'CLONE_NEWNS',
  network: 'CLONE_NEWNET',
  ipc: 'CLONE_NEWIPC',
  uts: 'CLONE_NEWUTS',
  cgroup: 'CLONE_NEWCGROUP',
};

/** The CLONE_NEW* bits of a policy. */
export function namespaceBits({ namespaces }: EffectivePolicy, table: KernelTable): number {
  return namespaces.reduce((bits, { value }) => {
    const name = NAMESPACES[value];
    return name === undefined ? bits : bits | constantOf(table, name);
  }, 0);
}

/**
 * linux/securebits.h: NOROOT, NO_SETUID_FIXUP and NO_CAP_AMBIENT_RAISE, each with its lock, and the lock of KEEP_CAPS.
 * Uid 0 of the job's user namespace then gets no capability from anything.
 */
export const SECUREBITS = 0b1110_1111;
