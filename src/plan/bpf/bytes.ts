import type { BpfInstruction } from '../plan.js';

/** `struct sock_filter` of linux/filter.h. */
export const INSTRUCTION_SIZE = 8;

/** A program as seccomp(2) takes it, in little-endian. */
export function filterBytes(filter: readonly BpfInstruction[]): Uint8Array {
  const bytes = new Uint8Array(INSTRUCTION_SIZE * filter.length);
  const view = new DataView(bytes.buffer);
  filter.forEach((instruction, index) => {
    writeInstruction(view, INSTRUCTION_SIZE * index, instruction);
  });
  return bytes;
}

/** The program that `filterBytes` has written. */
export function filterOfBytes(bytes: Uint8Array): BpfInstruction[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Math.floor(bytes.byteLength / INSTRUCTION_SIZE);
  return Array.from({ length }, (_, index) => readInstruction(view, INSTRUCTION_SIZE * index));
}

/** Writes what fits; what does not is cut off. */
export function writeInstruction(view: DataView, at: number, { code, jt, jf, k }: BpfInstruction): void {
  view.setUint16(at, code, true);
  view.setUint8(at + 2, jt);
  view.setUint8(at + 3, jf);
  view.setUint32(at + 4, k, true);
}

export function readInstruction(view: DataView, at: number): BpfInstruction {
  return {
    code: view.getUint16(at, true),
    jt: view.getUint8(at + 2),
    jf: view.getUint8(at + 3),
    k: view.getUint32(at + 4, true),
  };
}

/** Whether `writeInstruction` writes all of it. */
export function isInstruction({ code, jt, jf, k }: BpfInstruction): boolean {
  return code >>> 0 === code && code <= 0xffff && (jt & 0xff) === jt && (jf & 0xff) === jf && k >>> 0 === k;
}
