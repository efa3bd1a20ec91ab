import { createHash } from 'node:crypto';
import { FORMAT_VERSION } from './record.js';
import type { AuditEvent } from './records.gen.js';

/** The last record of a chain, by which the next one is linked to it. */
export interface ChainHead {
  /** 0: there is none yet. */
  readonly sequence: number;
  readonly hash: string | null;
}

export const EMPTY_CHAIN: ChainHead = { sequence: 0, hash: null };

/** An event as text, without braces, that only has to be linked: what waits for its place in the log. */
export interface PendingRecord {
  readonly time: string;
  readonly fields: string;
}

// Every line ends with it: the hash is over what stands before, byte by byte, so that no reader has to write JSON as we do.
const SEAL = /^,"hash":"(sha256:[0-9a-f]{64})"\}$/;
const SEAL_BYTES = ',"hash":"sha256:'.length + 64 + '"}'.length;

export function pendingRecord(event: AuditEvent, time: Date): PendingRecord {
  return { time: time.toISOString(), fields: JSON.stringify(event).slice(1, -1) };
}

/** Links a record to a chain: its line, with the newline, and the chain's new head. */
export function linkedLine({ sequence, hash }: ChainHead, { time, fields }: PendingRecord): [string, ChainHead] {
  const number = sequence + 1;
  const head = `{"version":${FORMAT_VERSION},"sequence":${number},"time":"${time}"`;
  const body = `${head},${fields},"previous":${JSON.stringify(hash)}`;
  const own = sha256(Buffer.from(body, 'utf8'));
  return [`${body},"hash":"${own}"}\n`, { sequence: number, hash: own }];
}

/**
 * Compares a line with the hash that it ends with.
 *
 * @param line without its newline
 * @returns what its own hash says, and what it is; undefined for a line that does not end with one
 */
export function sealOf(line: Buffer): { readonly stated: string; readonly actual: string } | undefined {
  const start = line.length - SEAL_BYTES;
  const stated = start < 0 ? undefined : SEAL.exec(line.toString('latin1', start))?.[1];
  return stated === undefined ? undefined : { stated, actual: sha256(line.subarray(0, start)) };
}

export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
