import { sealOf } from './chain.js';
import { type AuditRecord, FORMAT_VERSION, recordViolation } from './record.js';

/** A line as a record, or why it is none; what it says of its place in the chain is known wherever it can be read. */
export interface ReadRecord {
  readonly record: AuditRecord | undefined;
  /** Undefined: nothing is wrong with the line by itself. */
  readonly problem: string | undefined;
  /** A format that this version does not know: its fields were not looked at, its hash was. */
  readonly newer: boolean;
}

/** No line is longer: 16 mounts with paths of 4 KiB, each byte of which takes six in JSON, and the same again for what is allowed. */
export const MAX_LINE_BYTES = 2 << 20;

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** @param line without its newline */
export function readRecord(line: Buffer): ReadRecord {
  const value = parsed(line);
  if (value === undefined) return { record: undefined, problem: 'it is not a JSON object', newer: false };
  const record = value as unknown as AuditRecord;
  const newer = Number.isSafeInteger(value['version']) && (value['version'] as number) > FORMAT_VERSION;
  return { record, problem: sealProblem(line, record) ?? (newer ? undefined : recordViolation(value)), newer };
}

function parsed(line: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(UTF8.decode(line));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** JSON may have a key twice: the last one counts, so the hash that the record has must be the one that the line ends with. */
function sealProblem(line: Buffer, { hash }: AuditRecord): string | undefined {
  const seal = sealOf(line);
  if (seal === undefined || seal.stated !== hash) return 'it does not end with its hash';
  return seal.stated === seal.actual ? undefined : 'its hash is not that of its bytes: the line was changed';
}
