import { Buffer } from 'node:buffer';
import { LeewardError } from '../errors/leeward-error.js';
import {
  MESSAGE_HEADER,
  MESSAGE_MAX,
  MESSAGE_NAMES,
  MESSAGES,
  type Message,
  type MessageLayout,
  type MessageName,
  type PlanReasonName,
  type TailLayout,
} from './layout.gen.js';
import { NotCanonical } from './refusal.js';
import { StringTable, StringWalk } from './strings.js';
import { readStruct, type StructValues, writeStruct } from './struct-codec.js';

/**
 * The bytes of one message, as the supervisor takes them.
 *
 * @throws LeewardError LW_INTERNAL when a value does not fit its field, or the message is too long: callers check what
 *   comes from requests before
 */
export function encodeMessage(message: Message): Buffer {
  try {
    return writeMessage(message as unknown as StructValues, message.type);
  } catch (error) {
    if (error instanceof NotCanonical) throw messageError(message.type, error.reason);
    throw error;
  }
}

/**
 * Reads one message of the supervisor, as strictly as `lw_message_validate`. `data` of a `job_output` is a view of `bytes`.
 *
 * @throws LeewardError LW_NATIVE_VERSION for bytes that are not one: both sides were not built from the same layout
 */
export function decodeMessage(bytes: Uint8Array): Message {
  const result = readMessage(bytes);
  if (typeof result === 'string') {
    const text = `message of ${bytes.length} bytes from the supervisor: ${result}`;
    throw new LeewardError('LW_NATIVE_VERSION', text);
  }
  return result;
}

/** Why `bytes` are not a message; undefined when they are one. */
export function validateMessage(bytes: Uint8Array): PlanReasonName | undefined {
  const result = readMessage(bytes);
  return typeof result === 'string' ? result : undefined;
}

function messageError(type: MessageName, reason: PlanReasonName): LeewardError {
  return new LeewardError('LW_INTERNAL', `message ${type} to the supervisor: ${reason}`);
}

function writeMessage(values: StructValues, type: MessageName): Buffer {
  const layout = MESSAGES[type];
  const counts = Object.fromEntries(countFields(layout).map(([name, tail]) => [name, tailLength(values, tail)]));
  const tails = layout.tails.map((tail) => tailLength(values, tail) * (tail.record?.size ?? 1));
  const body = Buffer.alloc(tails.reduce((sum, size) => sum + size, layout.struct.size));
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const strings = new StringTable();
  writeStruct(view, 0, layout.struct, { ...values, ...counts }, strings);
  let at = layout.struct.size;
  for (const [i, tail] of layout.tails.entries()) {
    writeTail(view, at, tail, values[tail.name], strings);
    at += tails[i] as number;
  }
  const bytes = layout.hasStrings ? Buffer.concat([body, strings.bytes()]) : body;
  if (bytes.length > MESSAGE_MAX) throw new NotCanonical('size_mismatch');
  const header = new DataView(bytes.buffer, bytes.byteOffset, MESSAGE_HEADER.size);
  writeStruct(header, 0, MESSAGE_HEADER, { type, size: bytes.length, id: values['id'] }, strings);
  return bytes;
}

/** The fields that count tails, each with its tail. */
function countFields(layout: MessageLayout): (readonly [string, TailLayout])[] {
  return layout.struct.fields.flatMap(({ name, countOf }) => {
    const tail = layout.tails.find((candidate) => candidate.name === countOf);
    return tail === undefined ? [] : [[name, tail] as const];
  });
}

function tailLength(values: StructValues, tail: TailLayout): number {
  const { length } = values[tail.name] as ArrayLike<unknown>;
  if (length > tail.bound) throw new NotCanonical('too_many');
  return length;
}

function writeTail(view: DataView, at: number, tail: TailLayout, value: unknown, strings: StringTable): void {
  const { record } = tail;
  if (record === undefined) {
    new Uint8Array(view.buffer, view.byteOffset + at).set(value as Uint8Array);
    return;
  }
  for (const [i, item] of (value as readonly unknown[]).entries()) {
    writeStruct(view, at + i * record.size, record, asRecord(tail, item), strings);
  }
}

// A record of one field is that field's value: `groups` is a list of numbers.
function asRecord({ record }: TailLayout, item: unknown): StructValues {
  const [only, ...others] = record?.fields ?? [];
  return only !== undefined && others.length === 0 ? { [only.name]: item } : (item as StructValues);
}

function readMessage(bytes: Uint8Array): Message | PlanReasonName {
  try {
    return readForm(bytes);
  } catch (error) {
    if (error instanceof NotCanonical) return error.reason;
    throw error;
  }
}

function readForm(bytes: Uint8Array): Message {
  if (bytes.length < MESSAGE_HEADER.size) throw new NotCanonical('too_short');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(4, true) !== bytes.length || bytes.length > MESSAGE_MAX) throw new NotCanonical('size_mismatch');
  const type = MESSAGE_NAMES.get(view.getUint32(0, true));
  if (type === undefined) throw new NotCanonical('message_type');
  const layout = MESSAGES[type];
  const { counts, end } = readExtent(view, layout);
  // A message without strings has no field that would ask for one.
  const walk = new StringWalk(layout.hasStrings ? bytes.subarray(end) : new Uint8Array(1));
  const values: Record<string, unknown> = {
    type,
    id: view.getBigUint64(8, true),
    ...readStruct(view, 0, layout.struct, walk),
  };
  for (const [name] of countFields(layout)) delete values[name];
  let at = layout.struct.size;
  for (const [i, tail] of layout.tails.entries()) {
    values[tail.name] = readTail(bytes, at, tail, counts[i] as number, walk);
    at += (counts[i] as number) * (tail.record?.size ?? 1);
  }
  walk.end();
  return values as unknown as Message;
}

/** Counts within their bounds and everything but the strings inside the message; `end` is where the strings start. */
function readExtent(view: DataView, layout: MessageLayout): { counts: number[]; end: number } {
  let end = layout.struct.size;
  if (view.byteLength < end) throw new NotCanonical('too_short');
  const counts = layout.tails.map((tail) => {
    const counter = layout.struct.fields.find(({ countOf }) => countOf === tail.name);
    const count = view.getUint32(counter?.offset ?? 0, true);
    if (count > tail.bound) throw new NotCanonical('too_many');
    end += count * (tail.record?.size ?? 1);
    return count;
  });
  if (layout.hasStrings ? view.byteLength <= end : view.byteLength !== end) throw new NotCanonical('size_mismatch');
  return { counts, end };
}

function readTail(bytes: Uint8Array, at: number, tail: TailLayout, count: number, walk: StringWalk): unknown {
  const { record } = tail;
  if (record === undefined) return new Uint8Array(bytes.buffer, bytes.byteOffset + at, count);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [only, ...others] = record.fields;
  return Array.from({ length: count }, (_, i) => {
    const values = readStruct(view, at + i * record.size, record, walk);
    return only !== undefined && others.length === 0 ? values[only.name] : values;
  });
}
