import fc from 'fast-check';

/** One change of some bytes; positions are taken modulo the length, so that they fit any blob. */
export type Damage = { readonly at: number } & (
  | { readonly kind: 'byte'; readonly value: number }
  | { readonly kind: 'word'; readonly value: number }
  | { readonly kind: 'copy'; readonly from: number; readonly length: number }
  | { readonly kind: 'cut' }
);

const at = fc.nat(0xffff);
const words = [0, 1, 2, 3, 4, 8, 0x7f, 0xff, 0x100, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

export const arbitraryDamage: fc.Arbitrary<Damage> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('byte' as const), at, value: fc.nat(255) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('word' as const), at, value: fc.constantFrom(...words) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('copy' as const), at, from: at, length: fc.nat(16) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const), at }) },
);

/**
 * A damaged copy of `bytes`; a cut also writes the new length at `sizeOffset`, so that more than the length is looked at.
 */
export function damaged(bytes: Uint8Array, changes: readonly Damage[], sizeOffset: number): Uint8Array {
  let copy = Uint8Array.from(bytes);
  for (const change of changes) {
    const start = copy.length === 0 ? 0 : change.at % copy.length;
    if (change.kind === 'byte') copy[start] = change.value;
    else if (change.kind === 'word') writeWord(copy, start & ~3, change.value);
    else if (change.kind === 'copy')
      copy.copyWithin(start, change.from % (copy.length || 1), (change.from % (copy.length || 1)) + change.length);
    else {
      copy = copy.slice(0, start);
      writeWord(copy, sizeOffset, start);
    }
  }
  return copy;
}

function writeWord(bytes: Uint8Array, offset: number, value: number): void {
  if (offset + 4 > bytes.length) return;
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length).setUint32(offset, value, true);
}
