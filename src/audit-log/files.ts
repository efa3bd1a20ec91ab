/** The file that is written. */
export const CURRENT_FILE = 'audit.ndjson';

const SEQUENCE_DIGITS = 16;
const FULL_FILE = /^audit-(\d{16})\.ndjson$/;

/**
 * Name of a full file. Names sort as what is in them does.
 *
 * @param first `sequence` of its first record
 */
export function fullFileName(first: number): string {
  return `audit-${String(first).padStart(SEQUENCE_DIGITS, '0')}.ndjson`;
}

/** `sequence` of the first record of a full file, by its name; undefined for any other name. */
export function firstSequenceOf(name: string): number | undefined {
  const digits = FULL_FILE.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The full files among these names, oldest first. */
export function fullFilesOf(names: readonly string[]): string[] {
  return names.filter((name) => firstSequenceOf(name) !== undefined).sort();
}
