import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodePayload } from './decode.js';
import { encodeFrame } from './encode.js';
import { FrameReader } from './frame-reader.js';
import { parseRequest } from './request.js';
import { violationOf } from './request-schema.js';

interface Vector {
  readonly name: string;
  readonly value: object;
  readonly frame: string;
}

interface Refusal {
  readonly name: string;
  readonly frame: string;
  readonly code: string;
  readonly field: string | null;
  readonly id: number | null;
  readonly lost: boolean;
}

interface Bound extends Omit<Refusal, 'code' | 'lost'> {
  /** Null where the request is accepted. */
  readonly code: string | null;
}

function vectors<T>(file: string): T[] {
  const url = new URL(`../../test/vectors/protocol/${file}`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as T[];
}

/** `{$bytes: hex}` of a vector file as bytes. */
function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived);
  if (value === null || typeof value !== 'object') return value;
  if ('$bytes' in value) return Buffer.from(String(value.$bytes), 'hex');
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, revived(member)]));
}

function onlyPayload(frameHex: string): Uint8Array {
  const batch = new FrameReader().push(Buffer.from(frameHex, 'hex'));
  expect(batch.payloads).toHaveLength(1);
  return batch.payloads[0] ?? new Uint8Array();
}

describe('shared vectors', () => {
  it.each(vectors<Vector>('requests.json'))('encodes and reads request: $name', ({ value, frame }) => {
    const wanted = revived(value) as object;
    expect(encodeFrame(wanted).toString('hex')).toBe(frame);
    const parsed = parseRequest(onlyPayload(frame));
    expect(parsed.ok && { ...parsed.request }).toEqual(wanted);
  });

  it.each(vectors<Vector>('answers.json'))('encodes and reads answer: $name', ({ value, frame }) => {
    const wanted = revived(value) as object;
    expect(encodeFrame(wanted).toString('hex')).toBe(frame);
    expect({ ...decodePayload(onlyPayload(frame)) }).toEqual(wanted);
  });

  it.each(vectors<Refusal>('refused.json'))('refuses: $name', ({ frame, code, field, id, lost }) => {
    const batch = new FrameReader().push(Buffer.from(frame, 'hex'));
    expect(batch.lost?.code).toBe(lost ? code : undefined);
    if (lost) return;
    const parsed = parseRequest(batch.payloads[0] ?? new Uint8Array());
    expect(parsed).toMatchObject({ ok: false, id, error: { code } });
    expect(!parsed.ok && parsed.error.place).toEqual(field === null ? undefined : { field });
  });

  it.each(vectors<Bound>('bounds.json'))('bounds how many values there are: $name', ({ frame, code, field, id }) => {
    const parsed = parseRequest(onlyPayload(frame));
    if (code === null) expect(parsed.ok).toBe(true);
    else expect(parsed).toMatchObject({ ok: false, id, error: { code } });
    expect(parsed.ok ? undefined : parsed.error.place).toEqual(field === null ? undefined : { field });
  });

  it('keeps the founding request below 400 bytes', () => {
    const url = new URL('../../test/vectors/protocol/founding-request.hex', import.meta.url);
    const frame = Buffer.from(readFileSync(url, 'utf8').trim(), 'hex');
    expect(frame.length).toBeLessThan(400);
    const parsed = parseRequest(onlyPayload(frame.toString('hex')));
    expect(parsed.ok && Object.keys(parsed.request)).toEqual([
      'type',
      'code',
      'mounts',
      'timeout_secs',
      'memory_limit',
    ]);
  });

  it('describes the error frame of the vectors', () => {
    const frame = vectors<Vector>('answers.json').find(({ name }) => name === 'error frame');
    expect(violationOf('ErrorResponse', frame?.value)).toBeUndefined();
  });
});
