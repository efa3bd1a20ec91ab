import { createHash } from 'node:crypto';
import type { BpfInstruction } from '../plan.js';

/**
 * What a receipt names a program by: sha256, 32 bytes, over the instructions as seccomp(2) takes them, `struct sock_filter` of
 * linux/filter.h in little-endian.
 */
export function filterDigest(filter: readonly BpfInstruction[]): Uint8Array {
  const bytes = Buffer.alloc(8 * filter.length);
  filter.forEach(({ code, jt, jf, k }, index) => {
    bytes.writeUInt16LE(code, 8 * index);
    bytes.writeUInt8(jt, 8 * index + 2);
    bytes.writeUInt8(jf, 8 * index + 3);
    bytes.writeUInt32LE(k, 8 * index + 4);
  });
  return new Uint8Array(createHash('sha256').update(bytes).digest());
}
