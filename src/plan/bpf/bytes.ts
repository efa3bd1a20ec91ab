import type { BpfInstruction } from '../plan.js';

/** `struct sock_filter` of linux/filter.h. */
const INSTRUCTION_SIZE = 8;

/** A program as seccomp(2) takes it, in little-endian. */
export function filterBytes(filter: readonly BpfInstruction[]): Uint8Array {
  const bytes = new Uint8Array(INSTRUCTION_SIZE * filter.length);
  const view = new DataView(bytes.buffer);
  filter.forEach(({ code, jt, jf, k }, index) => {
    const at = INSTRUCTION_SIZE * index;
    view.setUint16(at, code, true);
    view.setUint8(at + 2, jt);
    view.setUint8(at + 3, jf);
    view.setUint32(at + 4, k, true);
  });
  return bytes;
}

/** The program that `filterBytes` has written. */
export function filterOfBytes(bytes: Uint8Array): BpfInstruction[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / INSTRUCTION_SIZE }, (_, index) => {
    const at = INSTRUCTION_SIZE * index;
    return {
      code: view.getUint16(at, true),
      jt: view.getUint8(at + 2),
      jf: view.getUint8(at + 3),
      k: view.getUint32(at + 4, true),
    };
  });
}
