import { Buffer } from 'node:buffer';
import { LeewardError } from '../errors/leeward-error.js';
import { PROTOCOL } from './schema.gen.js';

const HEADER_BYTES = 4;

/**
 * Encodes a message as one frame, each value in its shortest form, so that the bytes of a message are the same from every
 * language. (msgpackr writes integers beyond 32 bits as floats or as signed ones.) Members that are undefined are left out.
 *
 * @param maxFrame largest payload, bytes
 * @throws LeewardError LW_REQUEST_TOO_LARGE when the payload is above `maxFrame`
 */
export function encodeFrame(message: object, maxFrame: number = PROTOCOL.maxFrame): Buffer {
  const writer = new Writer(HEADER_BYTES);
  writer.value(message);
  const frame = writer.bytes();
  const size = frame.length - HEADER_BYTES;
  if (size > maxFrame) {
    throw new LeewardError('LW_REQUEST_TOO_LARGE', `message of ${size} bytes is above the limit of ${maxFrame}`);
  }
  frame.writeUInt32BE(size, 0);
  return frame;
}

/** Lead bytes of the formats with a length of 1, 2 and 4 bytes; 0 where there is no such format. */
type LengthFormats = readonly [one: number, two: number, four: number];

const TEXT: LengthFormats = [0xd9, 0xda, 0xdb];
const BYTES: LengthFormats = [0xc4, 0xc5, 0xc6];
const ARRAY: LengthFormats = [0, 0xdc, 0xdd];
const MAP: LengthFormats = [0, 0xde, 0xdf];

class Writer {
  #buffer = Buffer.allocUnsafe(512);
  #offset: number;

  constructor(reserved: number) {
    this.#offset = reserved;
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#offset);
  }

  value(value: unknown): void {
    if (value === null) this.#byte(0xc0);
    else if (typeof value === 'boolean') this.#byte(value ? 0xc3 : 0xc2);
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'bigint') this.#wideInteger(value);
    else if (typeof value === 'string') this.#text(value);
    else if (value instanceof Uint8Array) this.#binary(value);
    else if (Array.isArray(value)) this.#array(value);
    else if (typeof value === 'object') this.#map(value);
    else throw new TypeError(`a message cannot hold a ${typeof value}`);
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value)) this.#float(value);
    else if (value >= 0) this.#unsigned(value);
    else this.#negative(value);
  }

  #unsigned(value: number): void {
    if (value < 0x80) this.#byte(value);
    else if (value < 0x100) this.#sized(0xcc, 1, value);
    else if (value < 0x1_0000) this.#sized(0xcd, 2, value);
    else if (value < 0x1_0000_0000) this.#sized(0xce, 4, value);
    else this.#wideInteger(BigInt(value));
  }

  #negative(value: number): void {
    if (value >= -0x20) this.#byte(value & 0xff);
    else if (value >= -0x80) this.#sized(0xd0, 1, value & 0xff);
    else if (value >= -0x8000) this.#sized(0xd1, 2, value & 0xffff);
    else if (value >= -0x8000_0000) this.#sized(0xd2, 4, value >>> 0);
    else this.#wideInteger(BigInt(value));
  }

  /** Integers of 64 bits: uint64 from 0 on, int64 below. */
  #wideInteger(value: bigint): void {
    this.#byte(value >= 0n ? 0xcf : 0xd3);
    this.#reserve(8);
    this.#buffer.writeBigUInt64BE(BigInt.asUintN(64, value), this.#offset);
    this.#offset += 8;
  }

  #float(value: number): void {
    this.#byte(0xcb);
    this.#reserve(8);
    this.#offset = this.#buffer.writeDoubleBE(value, this.#offset);
  }

  #text(value: string): void {
    const size = Buffer.byteLength(value, 'utf8');
    if (size < 0x20) this.#byte(0xa0 | size);
    else this.#length(TEXT, size);
    this.#reserve(size);
    this.#offset += this.#buffer.write(value, this.#offset, 'utf8');
  }

  #binary(value: Uint8Array): void {
    this.#length(BYTES, value.length);
    this.#reserve(value.length);
    this.#buffer.set(value, this.#offset);
    this.#offset += value.length;
  }

  #array(values: readonly unknown[]): void {
    if (values.length < 0x10) this.#byte(0x90 | values.length);
    else this.#length(ARRAY, values.length);
    for (const value of values) this.value(value);
  }

  #map(map: object): void {
    const members = Object.entries(map).filter(([, member]) => member !== undefined);
    if (members.length < 0x10) this.#byte(0x80 | members.length);
    else this.#length(MAP, members.length);
    for (const [key, member] of members) {
      this.#text(key);
      this.value(member);
    }
  }

  #length([one, two, four]: LengthFormats, length: number): void {
    if (one !== 0 && length < 0x100) this.#sized(one, 1, length);
    else if (length < 0x1_0000) this.#sized(two, 2, length);
    else this.#sized(four, 4, length);
  }

  #sized(lead: number, width: 1 | 2 | 4, value: number): void {
    this.#byte(lead);
    this.#reserve(width);
    this.#offset = this.#buffer.writeUIntBE(value, this.#offset, width);
  }

  #byte(byte: number): void {
    this.#reserve(1);
    this.#buffer[this.#offset++] = byte;
  }

  #reserve(count: number): void {
    const needed = this.#offset + count;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(grown, 0, 0, this.#offset);
    this.#buffer = grown;
  }
}
