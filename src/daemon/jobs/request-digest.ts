import { createHash } from 'node:crypto';
import { encodeFrame } from '../../protocol/encode.js';
import type { ExecuteRequest } from '../../protocol/messages.gen.js';

/**
 * The same for two requests exactly when they ask for the same: all fields count but `id` and `idempotency_key`. The order of the
 * entries of maps does not matter; text and bytes differ.
 */
export function requestDigest({ id: _id, idempotency_key: _key, ...asked }: ExecuteRequest): string {
  const bytes = encodeFrame(sorted(asked) as object, Number.POSITIVE_INFINITY);
  return createHash('sha256').update(bytes).digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([name, member]) => [name, sorted(member)]));
}
