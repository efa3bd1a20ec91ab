import type { AuditRecord } from '../../audit-log/record.js';
import { ChainVerifier, type Finding, type Verdict } from '../../audit-log/verify.js';
import { plural } from '../terminal/plural.js';
import { printable } from '../terminal/printable.js';
import type { Style } from '../terminal/style.js';
import { type LogFiles, linesOf } from './log-files.js';

export interface Verification extends Verdict {
  /** Paths, oldest first. */
  readonly files: readonly string[];
}

/**
 * Reads a log and checks each line of it.
 *
 * @param anchors hashes that were noted elsewhere
 * @throws UsageError for a file that cannot be read
 */
export async function verifyLog({ whole, files }: LogFiles, anchors: readonly string[]): Promise<Verification> {
  const verifier = new ChainVerifier({ whole, anchors });
  for (const file of files) {
    verifier.beginFile(file.path, file.name);
    for await (const line of linesOf(file, (rest) => verifier.endFile(rest))) verifier.line(line);
  }
  return { ...verifier.end(), files: files.map(({ path }) => path) };
}

/** 0: nothing was found; 1: something was. */
export function verificationExitCode({ found }: Verdict): number {
  return found === 0 ? 0 : 1;
}

export function verificationText(verification: Verification, style: Style): string[] {
  const { findings, found, records, files, last } = verification;
  const extent = `${plural(records, 'record')} in ${plural(files.length, 'file')}`;
  const more = found - findings.length;
  return [
    ...findings.map((finding) => printable(findingText(finding))),
    ...(more === 0 ? [] : [`and ${more} more`]),
    found === 0
      ? `${style.green('whole')}: ${extent}${spanText(verification)}`
      : `${style.red('broken')}: ${plural(found, 'finding')} in ${extent}`,
    ...(found === 0 && last !== undefined ? [printable(`head: ${last.sequence} ${last.hash}`)] : []),
  ];
}

/** What is no finding, and worth knowing. */
export function verificationNotes({ unfinished, newer }: Verdict): string[] {
  return [
    ...(unfinished === 0
      ? []
      : [
          `it ends with ${plural(unfinished, 'byte')} of a record that is not whole: a daemon was killed, or is writing it`,
        ]),
    ...(newer === 0 ? [] : [`${plural(newer, 'record')} of a later format: only their chain was checked`]),
  ];
}

export function verificationJson(verification: Verification): object {
  const { files, findings, found, records, first, last, unfinished, newer } = verification;
  const place = (record: AuditRecord | undefined) =>
    record === undefined ? null : { sequence: record.sequence, time: record.time, hash: record.hash };
  return {
    whole: found === 0,
    files,
    records,
    findings,
    found,
    first: place(first),
    head: place(last),
    unfinished,
    newer,
  };
}

function spanText({ first, last }: Verdict): string {
  if (first === undefined || last === undefined) return '';
  return printable(`, ${first.sequence} to ${last.sequence}, ${first.time} to ${last.time}`);
}

function findingText({ file, line, problem }: Finding): string {
  return line === 0 ? `${file}: ${problem}` : `${file}:${line}: ${problem}`;
}
