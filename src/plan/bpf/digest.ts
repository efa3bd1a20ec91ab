import { createHash } from 'node:crypto';
import type { BpfInstruction } from '../plan.js';
import { filterBytes } from './bytes.js';

/** What a receipt names a program by: sha256, 32 bytes, over its instructions (`filterBytes`). */
export function filterDigest(filter: readonly BpfInstruction[]): Uint8Array {
  return new Uint8Array(createHash('sha256').update(filterBytes(filter)).digest());
}
