import { createHash } from 'node:crypto';
import type { BpfInstruction } from '../plan.js';

/**
 * What a receipt names a program by: sha256, 32 bytes, over the instructions as seccomp(2) takes them, `struct sock_filter` of
 * linux/filter.h in little-endian.
 */
export function filterDigest(filter: readonly BpfInstruction[]): Uint8Array {
  const bytes = new Uint8Array(8 * filter.length);
  const view = new DataView(bytes.buffer);
  filter.forEach(({ code, jt, jf, k }, index) => {
    view.setUint16(8 * index, code, true);
    view.setUint8(8 * index + 2, jt);
    view.setUint8(8 * index + 3, jf);
    view.setUint32(8 * index + 4, k, true);
  });
  return new Uint8Array(createHash('sha256').update(bytes).digest());
}
