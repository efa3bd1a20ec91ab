import { type ChainHead, EMPTY_CHAIN } from './chain.js';
import { firstSequenceOf } from './files.js';
import { readRecord } from './read-record.js';
import type { AuditRecord } from './record.js';
import type { LogRemovedEvent } from './records.gen.js';

/** Something that no daemon has left so. */
export interface Finding {
  readonly file: string;
  /** From 1; 0 where it is about what is not there. */
  readonly line: number;
  readonly problem: string;
}

export interface VerifyOptions {
  /** True: these are all files of a log, so that it must say what became of records that are missing at its beginning. */
  readonly whole: boolean;
  /** Hashes that were noted elsewhere: each must be that of a record. */
  readonly anchors?: readonly string[] | undefined;
}

export interface Verdict {
  /** The first of them, in the order of lines. */
  readonly findings: readonly Finding[];
  /** How many there are in all. */
  readonly found: number;
  readonly records: number;
  readonly first: AuditRecord | undefined;
  readonly last: AuditRecord | undefined;
  /** Records of a later format: their chain was checked, their fields were not. */
  readonly newer: number;
  /** Bytes after the last newline: what a daemon that was killed, or is just writing, leaves. */
  readonly unfinished: number;
}

/** Of a file that is no log at all nobody wants to read a finding for each line. */
const MAX_FINDINGS = 100;

/**
 * Checks a log line by line, oldest first: each record by itself, and that it follows the one before. After a line that is wrong the
 * chain is taken up where the next one says it is, so that one change is one or two findings.
 */
export class ChainVerifier {
  readonly #options: VerifyOptions;
  readonly #findings: Finding[] = [];
  #found = 0;
  readonly #anchors: Set<string>;
  #file = '';
  #line = 0;
  /** `sequence` that the file must begin with, until its first record is there. */
  #beginning: number | undefined;
  #head: ChainHead = EMPTY_CHAIN;
  /** A line could not be read: the next one tells where the chain goes on. */
  #lost = false;
  #first: AuditRecord | undefined;
  #last: AuditRecord | undefined;
  #removed: readonly LogRemovedEvent[] = [];
  #records = 0;
  #newer = 0;
  #unfinished = 0;

  constructor(options: VerifyOptions) {
    this.#options = options;
    this.#anchors = new Set(options.anchors);
  }

  /**
   * @param file as findings name it
   * @param name of the file in the log's folder
   */
  beginFile(file: string, name: string): void {
    if (this.#unfinished > 0) this.#find('another file follows one that ends in the middle of a record');
    this.#unfinished = 0;
    this.#file = file;
    this.#line = 0;
    this.#beginning = firstSequenceOf(name);
  }

  /** @param bytes without the newline; undefined for a line that is longer than any record */
  line(bytes: Buffer | undefined): void {
    this.#line++;
    this.#records++;
    const { record, problem, newer } = bytes === undefined ? TOO_LONG : readRecord(bytes);
    if (newer) this.#newer++;
    if (problem !== undefined) this.#find(problem);
    if (record === undefined || !hasPlace(record)) {
      this.#lost = true;
      return;
    }
    this.#checkPlace(record);
    this.#first ??= record;
    this.#last = record;
    this.#head = record;
    this.#lost = false;
    if (problem !== undefined) return;
    this.#anchors.delete(record.hash);
    if (record.kind === 'log_removed') this.#removed = [...this.#removed, record];
  }

  /** @param bytes after the last newline of a file */
  endFile(bytes: number): void {
    this.#unfinished = bytes;
  }

  end(): Verdict {
    if (this.#records === 0) this.#findMissing('there is no record');
    else if (this.#options.whole && this.#first !== undefined) this.#checkBeginning(this.#first);
    for (const hash of this.#anchors) this.#findMissing(`no record has the hash ${hash}`);
    return {
      findings: this.#findings,
      found: this.#found,
      records: this.#records,
      first: this.#first,
      last: this.#last,
      newer: this.#newer,
      unfinished: this.#unfinished,
    };
  }

  #checkPlace({ sequence, previous }: AuditRecord): void {
    if (this.#beginning !== undefined && this.#beginning !== sequence) {
      this.#find(`it is record ${sequence}, and the file's name says ${this.#beginning}`);
    }
    this.#beginning = undefined;
    if (this.#first === undefined) {
      if (sequence === 1 && previous !== null) this.#find('it is the first record, and follows another one');
      if (sequence !== 1 && previous === null) this.#find(`it is record ${sequence}, and follows none`);
      return;
    }
    const { sequence: before, hash } = this.#head;
    const follows = this.#lost ? sequence > before : sequence === before + 1;
    if (!follows) this.#find(`record ${sequence} comes after record ${before}`);
    else if (!this.#lost && previous !== hash)
      this.#find(`it does not follow the record ${before} that stands before it`);
  }

  /** Files are removed oldest first, and what removed them may have been interrupted. */
  #checkBeginning({ sequence, previous }: AuditRecord): void {
    if (sequence === 1) return;
    const isRemoved = this.#removed.some(
      ({ through, through_hash }) => through >= sequence || (through === sequence - 1 && through_hash === previous),
    );
    if (!isRemoved)
      this.#findMissing(`records before ${sequence} are missing, and no record says that they were removed`);
  }

  #find(problem: string): void {
    this.#add(this.#line, problem);
  }

  #findMissing(problem: string): void {
    this.#add(0, problem);
  }

  #add(line: number, problem: string): void {
    this.#found++;
    if (this.#findings.length < MAX_FINDINGS) this.#findings.push({ file: this.#file, line, problem });
  }
}

const TOO_LONG = { record: undefined, problem: 'it is longer than any record', newer: false };

/** What is no record may have anything in these. */
function hasPlace({ sequence, hash }: AuditRecord): boolean {
  return Number.isSafeInteger(sequence) && typeof hash === 'string';
}
