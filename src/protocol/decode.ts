// The entry without the package's native addon, which takes 40 ms to load and makes frames of ours no faster.
import { Unpackr } from 'msgpackr/unpack';
import { ANSWER_BOUNDS, badFrame, checkStructure, type ValueBounds } from './structure.js';

/** A decoded value. Maps are objects without a prototype, so that no key of a peer can reach one. */
export type WireValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly WireValue[]
  | { readonly [key: string]: WireValue };

export type WireMap = { readonly [key: string]: WireValue };

const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: false, int64AsType: 'bigint' });

/**
 * Decodes the payload of one frame.
 *
 * @param bounds how many values it may have; unless told, as an answer
 * @throws LeewardError LW_PROTO_BAD_FRAME when it is not exactly one msgpack map of string keys, each once
 */
export function decodePayload(payload: Uint8Array, bounds: ValueBounds = ANSWER_BOUNDS): WireMap {
  const pairs = checkStructure(payload, bounds);
  let seen = 0;
  const plain = (value: unknown): WireValue => {
    if (typeof value === 'bigint') return numberIfSafe(value);
    if (Array.isArray(value)) return value.map(plain);
    if (!(value instanceof Map)) return value as WireValue;
    seen += value.size;
    const object: Record<string, WireValue> = Object.create(null);
    for (const [key, member] of value as Map<string, unknown>) object[key] = plain(member);
    return object;
  };
  const decoded = plain(unpackr.unpack(payload)) as WireMap;
  if (seen !== pairs) throw badFrame('a map has the same key twice');
  return decoded;
}

function numberIfSafe(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
