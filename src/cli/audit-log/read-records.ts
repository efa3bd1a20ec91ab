import { readRecord } from '../../audit-log/read-record.js';
import type { AuditRecord } from '../../audit-log/record.js';

/** A line of the log, as it is and as what it says. */
export interface ShownRecord {
  readonly line: string;
  readonly record: AuditRecord;
}

/**
 * Lines as records, each checked by itself. What is none is told, with its place, and passed over.
 *
 * @param onBad called with the problem
 */
export function shownRecord(line: Buffer | undefined, onBad: (problem: string) => void): ShownRecord | undefined {
  const { record, problem } =
    line === undefined ? { record: undefined, problem: 'it is longer than any record' } : readRecord(line);
  if (line !== undefined && record !== undefined && problem === undefined)
    return { line: line.toString('utf8'), record };
  onBad(problem ?? 'it is no record');
  return undefined;
}
