import type { FieldLayout, StructLayout } from './layout.gen.js';
import { NotCanonical } from './refusal.js';
import type { StringTable, StringWalk } from './strings.js';

/** The visible fields of a struct by name: enums as names, flags as lists of names, u64 as bigint. */
export type StructValues = Readonly<Record<string, unknown>>;

/** An offset and a count in the header's section table. */
export interface SectionPlace {
  readonly offset: number;
  readonly count: number;
}

const U64_MAX = 0xffff_ffff_ffff_ffffn;

/**
 * Writes one struct at `base`; padding stays zero. Strings are added in the order of the fields.
 *
 * @throws NotCanonical for a value that the field cannot hold or may not have
 */
export function writeStruct(
  view: DataView,
  base: number,
  layout: StructLayout,
  values: StructValues,
  strings: StringTable,
): void {
  let at: FieldLayout | undefined;
  try {
    for (const field of layout.fields) {
      at = field;
      if (field.pad) continue;
      const value = values[field.name];
      if (field.count === undefined) writeElement(view, base + field.offset, field, value, strings);
      else eachOffset(field, (offset, i) => writeElement(view, base + offset, field, (value as unknown[])[i], strings));
    }
  } catch (error) {
    throw located(error, at);
  }
}

/**
 * Reads one struct at `base`, with every rule that holds for single fields.
 *
 * @throws NotCanonical at the first field that breaks one
 */
export function readStruct(view: DataView, base: number, layout: StructLayout, strings: StringWalk): StructValues {
  const values: Record<string, unknown> = {};
  let at: FieldLayout | undefined;
  try {
    for (const field of layout.fields) {
      at = field;
      const value = readField(view, base, field, strings);
      if (!field.pad) values[field.name] = value;
    }
  } catch (error) {
    throw located(error, at);
  }
  return values;
}

function readField(view: DataView, base: number, field: FieldLayout, strings: StringWalk): unknown {
  if (field.count === undefined) return readElement(view, base + field.offset, field, strings);
  const elements: unknown[] = [];
  eachOffset(field, (offset) => elements.push(readElement(view, base + offset, field, strings)));
  return elements;
}

const ELEMENT_SIZES = { u8: 1, u16: 2, u32: 4, i32: 4, u64: 8, str: 4, bytes32: 32, section: 8 };

function eachOffset(field: FieldLayout, visit: (offset: number, index: number) => void): void {
  for (let i = 0; i < (field.count ?? 1); i++) visit(field.offset + i * ELEMENT_SIZES[field.type], i);
}

function located(error: unknown, field: FieldLayout | undefined): unknown {
  return error instanceof NotCanonical ? new NotCanonical(error.reason, field?.offset ?? 0) : error;
}

function writeElement(view: DataView, at: number, field: FieldLayout, value: unknown, strings: StringTable): void {
  switch (field.type) {
    case 'str':
      view.setUint32(at, strings.add(value as string), true);
      break;
    case 'bytes32':
      writeBytes(view, at, value as Uint8Array);
      break;
    case 'section':
      view.setUint32(at, (value as SectionPlace).offset, true);
      view.setUint32(at + 4, (value as SectionPlace).count, true);
      break;
    case 'u64':
      view.setBigUint64(at, wideNumber(field, value), true);
      break;
    case 'i32':
      writeSigned(view, at, value as number);
      break;
    default:
      writeUnsigned(view, at, field, numberOf(field, value));
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

function writeUnsigned(view: DataView, at: number, field: FieldLayout, value: number): void {
  const size = ELEMENT_SIZES[field.type];
  // In four bytes: what a shift leaves as it was is a whole number without a sign.
  if (value >>> 0 !== value || (size < 4 && value >>> (8 * size) !== 0)) throw new NotCanonical('out_of_range');
  if (size === 4) view.setUint32(at, value, true);
  else if (size === 2) view.setUint16(at, value, true);
  else view.setUint8(at, value);
}

function wideNumber(field: FieldLayout, value: unknown): bigint {
  if (typeof value !== 'bigint' || value < 0n || value > U64_MAX) throw new NotCanonical('out_of_range');
  return inRange(field, value);
}

/** The number of an enum's name, of a list of flags, or of a plain number. */
function numberOf(field: FieldLayout, value: unknown): number {
  if (field.names !== undefined) {
    for (const [number, name] of field.names) if (name === value) return number;
    throw new NotCanonical('unknown_value');
  }
  if (field.flags === undefined) return inRange(field, value as number);
  let bits = 0;
  for (const name of value as readonly string[]) {
    if (!Object.hasOwn(field.flags, name)) throw new NotCanonical('unknown_flag');
    bits |= field.flags[name] as number;
  }
  return bits >>> 0;
}

function readElement(view: DataView, at: number, field: FieldLayout, strings: StringWalk): unknown {
  switch (field.type) {
    case 'str':
      return strings.refer(view.getUint32(at, true));
    case 'bytes32':
      return new Uint8Array(view.buffer, view.byteOffset + at, ELEMENT_SIZES.bytes32).slice();
    case 'section':
      return { offset: view.getUint32(at, true), count: view.getUint32(at + 4, true) };
    case 'u64':
      return inRange(field, view.getBigUint64(at, true));
    case 'i32':
      return view.getInt32(at, true);
    case 'u8':
      return view.getUint8(at);
    case 'u16':
      return view.getUint16(at, true);
    case 'u32':
      return meaningOf(field, view.getUint32(at, true));
  }
}

function meaningOf(field: FieldLayout, value: number): unknown {
  if (field.pad && value !== 0) throw new NotCanonical('nonzero_padding');
  if (field.names !== undefined) {
    const name = field.names.get(value);
    if (name === undefined) throw new NotCanonical('unknown_value');
    return name;
  }
  if (field.flags === undefined) return inRange(field, value);
  const names = Object.entries(field.flags).filter(([, bit]) => (value & bit) !== 0);
  if (names.reduce((bits, [, bit]) => bits | bit, 0) >>> 0 !== value) throw new NotCanonical('unknown_flag');
  return names.map(([name]) => name);
}

function inRange<Value extends number | bigint>(field: FieldLayout, value: Value): Value {
  if (value < (field.min ?? 0)) throw new NotCanonical('out_of_range');
  if (field.max !== undefined && value > field.max) throw new NotCanonical('out_of_range');
  return value;
}
