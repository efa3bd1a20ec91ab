import { isUtf8 } from 'node:buffer';
import { LeewardError } from '../errors/leeward-error.js';
import { PROTOCOL } from './schema.gen.js';

/** How many values a payload may have. Building them costs far more than their bytes do, so they are counted before anything is built. */
export interface ValueBounds {
  /** Key-value pairs of one map. */
  readonly members: number;
  /** Elements of one array. */
  readonly elements: number;
  /** Values of the whole payload: each map, array, key and scalar. */
  readonly values: number;
}

/** Of the largest request of each kind that the schema allows. */
export const REQUEST_BOUNDS: ValueBounds = PROTOCOL.requestBounds;

/** Answers have lists without a bound in the schema; none needs more. */
export const ANSWER_BOUNDS: ValueBounds = { members: 100_000, elements: 200_000, values: 200_000 };

/** How the bytes after a lead byte are read. `width` is the size of the length, or of a scalar's body. */
interface Lead {
  readonly kind: 'scalar' | 'text' | 'bytes' | 'array' | 'map';
  readonly width: number;
  /** Length that stands in the lead byte itself, when `width` is 0. */
  readonly length: number;
}

const LEADS: readonly (Lead | undefined)[] = Array.from({ length: 256 }, (_, byte) => leadOf(byte));

/** The formats of the msgpack specification, but for extension types and the never used 0xc1. */
function leadOf(byte: number): Lead | undefined {
  if (byte <= 0x7f || byte >= 0xe0) return { kind: 'scalar', width: 0, length: 0 };
  if (byte <= 0x8f) return { kind: 'map', width: 0, length: byte & 0x0f };
  if (byte <= 0x9f) return { kind: 'array', width: 0, length: byte & 0x0f };
  if (byte <= 0xbf) return { kind: 'text', width: 0, length: byte & 0x1f };
  const sized: Readonly<Record<number, readonly [Lead['kind'], number]>> = {
    192: ['scalar', 0],
    194: ['scalar', 0],
    195: ['scalar', 0],
    196: ['bytes', 1],
    197: ['bytes', 2],
    198: ['bytes', 4],
    202: ['scalar', 4],
    203: ['scalar', 8],
    204: ['scalar', 1],
    205: ['scalar', 2],
    206: ['scalar', 4],
    207: ['scalar', 8],
    208: ['scalar', 1],
    209: ['scalar', 2],
    210: ['scalar', 4],
    211: ['scalar', 8],
    217: ['text', 1],
    218: ['text', 2],
    219: ['text', 4],
    220: ['array', 2],
    221: ['array', 4],
    222: ['map', 2],
    223: ['map', 4],
  };
  const entry = sized[byte];
  return entry === undefined ? undefined : { kind: entry[0], width: entry[1], length: 0 };
}

/**
 * Checks that a payload is exactly one msgpack map before anything is allocated for it: every length within the payload,
 * counts within `bounds`, nesting within the protocol's depth, keys and texts valid UTF-8, no extension types. It ends at the first
 * thing that is wrong: what is behind it costs nothing.
 *
 * @returns number of key-value pairs of all maps together
 * @throws LeewardError LW_PROTO_BAD_FRAME
 */
export function checkStructure(payload: Uint8Array, bounds: ValueBounds): number {
  return new StructureCheck(payload, bounds).run();
}

class StructureCheck {
  readonly #bytes: Uint8Array;
  readonly #bounds: ValueBounds;
  /** Values that are still to come, by depth; twice the pairs for a map. */
  readonly #open: { isMap: boolean; left: number }[] = [];
  #offset = 0;
  #values = 0;
  #pairs = 0;

  constructor(bytes: Uint8Array, bounds: ValueBounds) {
    this.#bytes = bytes;
    this.#bounds = bounds;
  }

  run(): number {
    if (LEADS[this.#bytes[0] ?? 0]?.kind !== 'map') throw badFrame('payload is not a msgpack map');
    this.#value();
    while (this.#open.length > 0) {
      const top = this.#open[this.#open.length - 1];
      if (top === undefined || top.left === 0) {
        this.#open.pop();
        continue;
      }
      const isKey = top.isMap && top.left % 2 === 0;
      top.left--;
      this.#value(isKey);
    }
    const after = this.#bytes.length - this.#offset;
    if (after > 0) throw badFrame(`${after} byte(s) after the end of the map`);
    return this.#pairs;
  }

  #value(isKey = false): void {
    if (++this.#values > this.#bounds.values) throw badFrame(`more than ${this.#bounds.values} values`);
    const at = this.#offset;
    const lead = LEADS[this.#take(1)];
    if (lead === undefined)
      throw badFrame(`byte 0x${hex(this.#bytes[at])} at offset ${at} begins no value (no extension types)`);
    if (isKey && lead.kind !== 'text') throw badFrame(`key at offset ${at} is not a string`);
    if (lead.kind === 'scalar') this.#skip(lead.width);
    else this.#sized(lead.kind, lead.width === 0 ? lead.length : this.#take(lead.width));
  }

  #sized(kind: Exclude<Lead['kind'], 'scalar'>, length: number): void {
    if (kind === 'array' || kind === 'map') {
      this.#enter(kind === 'map', length);
      return;
    }
    const from = this.#offset;
    this.#skip(length);
    if (kind === 'text' && !isUtf8(this.#bytes.subarray(from, this.#offset))) {
      throw badFrame(`text at offset ${from} is not valid UTF-8`);
    }
  }

  #enter(isMap: boolean, length: number): void {
    const most = isMap ? this.#bounds.members : this.#bounds.elements;
    if (length > most) {
      throw badFrame(`${isMap ? 'map' : 'array'} of ${length} entries before offset ${this.#offset}, at most ${most}`);
    }
    const left = isMap ? 2 * length : length;
    // Every value takes at least one byte.
    if (left > this.#bytes.length - this.#offset) throw cutOff(this.#offset);
    if (this.#open.length >= PROTOCOL.maxDepth) throw badFrame(`nested deeper than ${PROTOCOL.maxDepth}`);
    if (isMap) this.#pairs += length;
    this.#open.push({ isMap, left });
  }

  #take(width: number): number {
    const from = this.#offset;
    this.#skip(width);
    let value = 0;
    for (let i = from; i < this.#offset; i++) value = value * 256 + (this.#bytes[i] ?? 0);
    return value;
  }

  #skip(count: number): void {
    if (count > this.#bytes.length - this.#offset) throw cutOff(this.#offset);
    this.#offset += count;
  }
}

function cutOff(offset: number): LeewardError {
  return badFrame(`value at offset ${offset} ends beyond the frame`);
}

/** The error of a payload that is not what the protocol allows. */
export function badFrame(message: string): LeewardError {
  return new LeewardError('LW_PROTO_BAD_FRAME', message);
}

function hex(byte: number | undefined): string {
  return (byte ?? 0).toString(16).padStart(2, '0');
}
