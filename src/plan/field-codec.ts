/** How one element of a struct's field is written and read. Made once for each field: plans have thousands of elements. */
import type { FieldLayout } from './layout.gen.js';
import { NotCanonical } from './refusal.js';
import type { StringTable, StringWalk } from './strings.js';

/** An offset and a count in the header's section table. */
export interface SectionPlace {
  readonly offset: number;
  readonly count: number;
}

export interface FieldCodec {
  readonly field: FieldLayout;
  /** From the start of the struct, one for each element. */
  readonly offsets: readonly number[];
  /** @throws NotCanonical for a value that the field cannot hold or may not have */
  readonly write: (view: DataView, at: number, value: unknown, strings: StringTable) => void;
  /** @throws NotCanonical for bytes that break a rule of the field */
  readonly read: (view: DataView, at: number, strings: StringWalk) => unknown;
}

const ELEMENT_SIZES = { u8: 1, u16: 2, u32: 4, i32: 4, u64: 8, str: 4, bytes32: 32, section: 8 };
const U64_MAX = 0xffff_ffff_ffff_ffffn;

export function fieldCodec(field: FieldLayout): FieldCodec {
  const size = ELEMENT_SIZES[field.type];
  const offsets = Array.from({ length: field.count ?? 1 }, (_, index) => field.offset + index * size);
  return { field, offsets, write: writerOf(field), read: readerOf(field) };
}

function writerOf(field: FieldLayout): FieldCodec['write'] {
  const number = numberOf(field);
  switch (field.type) {
    case 'str':
      return (view, at, value, strings) => view.setUint32(at, strings.add(value as string), true);
    case 'bytes32':
      return (view, at, value) => writeBytes(view, at, value as Uint8Array);
    case 'section':
      return (view, at, value) => {
        view.setUint32(at, (value as SectionPlace).offset, true);
        view.setUint32(at + 4, (value as SectionPlace).count, true);
      };
    case 'u64':
      return (view, at, value) => view.setBigUint64(at, wideNumber(field, value), true);
    case 'i32':
      return (view, at, value) => writeSigned(view, at, value as number);
    case 'u8':
      return (view, at, value) => view.setUint8(at, unsigned(number(value), 8));
    case 'u16':
      return (view, at, value) => view.setUint16(at, unsigned(number(value), 16), true);
    case 'u32':
      return (view, at, value) => view.setUint32(at, unsigned(number(value), 32), true);
  }
}

function writeBytes(view: DataView, at: number, bytes: Uint8Array): void {
  if (bytes.length !== ELEMENT_SIZES.bytes32) throw new NotCanonical('size_mismatch');
  new Uint8Array(view.buffer, view.byteOffset + at, bytes.length).set(bytes);
}

function writeSigned(view: DataView, at: number, value: number): void {
  if ((value | 0) !== value) throw new NotCanonical('out_of_range');
  view.setInt32(at, value, true);
}

/** A whole number without a sign, of so many bits: what a shift leaves as it was, and nothing above. */
function unsigned(value: number, bits: 8 | 16 | 32): number {
  if (value >>> 0 !== value || (bits < 32 && value >>> bits !== 0)) throw new NotCanonical('out_of_range');
  return value;
}

function wideNumber(field: FieldLayout, value: unknown): bigint {
  if (typeof value !== 'bigint' || value < 0n || value > U64_MAX) throw new NotCanonical('out_of_range');
  return inRange(field, value);
}

/** The number of an enum's name, of a list of flags, or of a plain number. */
function numberOf(field: FieldLayout): (value: unknown) => number {
  const { names, flags } = field;
  if (names !== undefined) {
    const numbers = new Map<unknown, number>([...names].map(([number, name]) => [name, number]));
    return (value) => known(numbers.get(value), 'unknown_value');
  }
  if (flags === undefined) return (value) => inRange(field, value as number);
  const bits = new Map(Object.entries(flags));
  return (value) => {
    let all = 0;
    for (const name of value as readonly string[]) all |= known(bits.get(name), 'unknown_flag');
    return all >>> 0;
  };
}

function readerOf(field: FieldLayout): FieldCodec['read'] {
  switch (field.type) {
    case 'str':
      return (view, at, strings) => strings.refer(view.getUint32(at, true));
    case 'bytes32':
      return (view, at) => new Uint8Array(view.buffer, view.byteOffset + at, ELEMENT_SIZES.bytes32).slice();
    case 'section':
      return (view, at) => ({ offset: view.getUint32(at, true), count: view.getUint32(at + 4, true) });
    case 'u64':
      return (view, at) => inRange(field, view.getBigUint64(at, true));
    case 'i32':
      return (view, at) => view.getInt32(at, true);
    case 'u8':
      return (view, at) => view.getUint8(at);
    case 'u16':
      return (view, at) => view.getUint16(at, true);
    case 'u32': {
      const meaning = meaningOf(field);
      return (view, at) => meaning(view.getUint32(at, true));
    }
  }
}

function meaningOf(field: FieldLayout): (value: number) => unknown {
  const { names, flags } = field;
  if (field.pad) {
    return (value) => {
      if (value !== 0) throw new NotCanonical('nonzero_padding');
      return value;
    };
  }
  if (names !== undefined) return (value) => known(names.get(value), 'unknown_value');
  if (flags === undefined) return (value) => inRange(field, value);
  const all = Object.entries(flags);
  const mask = all.reduce((bits, [, bit]) => bits | bit, 0);
  return (value) => {
    if ((value & ~mask) !== 0) throw new NotCanonical('unknown_flag');
    return all.filter(([, bit]) => (value & bit) !== 0).map(([name]) => name);
  };
}

function known<Value>(value: Value | undefined, reason: NotCanonical['reason']): Value {
  if (value === undefined) throw new NotCanonical(reason);
  return value;
}

function inRange<Value extends number | bigint>({ min = 0, max }: FieldLayout, value: Value): Value {
  if (value < min || (max !== undefined && value > max)) throw new NotCanonical('out_of_range');
  return value;
}
