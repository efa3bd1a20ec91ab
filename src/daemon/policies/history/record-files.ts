import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { asLeewardError, LeewardError } from '../../../errors/leeward-error.js';
import { writeDurably } from '../../disk/durable-file.js';
import type { Trust } from '../owner.js';
import { MAX_BYTES, readTrustedFile } from '../trusted-file.js';
import { type GenerationRecord, storeOfRecord, textsOf } from './record.js';
import { removedFile } from './removed-file.js';
import { digestOf } from './text-store.js';

const NAME = /^generation-([1-9]\d{0,14})\.json$/;

/** What a record has to do with what else is kept. */
export interface RecordUse {
  /** Digests of the texts that it names. */
  readonly texts: readonly string[];
  /** Whether it says what is in the store. */
  readonly hasStore: boolean;
}

/** What is known of a record. */
export interface RecordLook {
  /** Undefined: it is damaged, or cannot be read. */
  readonly use?: RecordUse;
  /** Why it cannot be read. It may be whole: that may pass. */
  readonly unreadable?: LeewardError;
}

/** The records of a history, each a file `generation-NUMBER.json` with a checksum over all that it says. */
export class RecordFiles {
  readonly #folder: string;
  readonly #trust: Trust;
  /** Of those that were looked at: what is written stays as it is. */
  readonly #uses = new Map<number, RecordUse>();

  constructor(folder: string, trust: Trust) {
    this.#folder = folder;
    this.#trust = trust;
  }

  /** Numbers of those that are there, the latest first. @throws LeewardError LW_POLICY_HISTORY */
  numbers(): readonly number[] {
    try {
      return readdirSync(this.#folder)
        .flatMap((name) => NAME.exec(name)?.[1] ?? [])
        .map(Number)
        .sort((a, b) => b - a);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new LeewardError('LW_POLICY_HISTORY', `the history of policies cannot be read: ${this.#folder}: ${code}`);
    }
  }

  /** @throws LeewardError LW_POLICY_HISTORY when there is none of this number, or it is damaged; LW_POLICY_UNSAFE_FILE */
  read(number: number): GenerationRecord {
    const path = this.#pathOf(number);
    const text = readTrustedFile(path, this.#trust, 'kept');
    if (text === undefined) throw noGeneration(number, this.numbers());
    const record = parsed(text);
    if (record?.number === number) return record;
    throw new LeewardError(
      'LW_POLICY_HISTORY',
      `the history of policies is damaged: ${path} is not as it was written`,
      {
        hint: 'bring the file back from a backup, or remove it: then there is no such generation, and nothing of it is in the store',
      },
    );
  }

  look(number: number): RecordLook {
    const known = this.#uses.get(number);
    if (known !== undefined) return { use: known };
    try {
      return { use: this.#remember(this.read(number)) };
    } catch (error) {
      return isDamage(error) ? {} : { unreadable: unreadable(number, asLeewardError(error)) };
    }
  }

  /** @throws LeewardError LW_POLICY_HISTORY for one that could not be read again; as `writeDurably` */
  async write(record: GenerationRecord, signal: AbortSignal): Promise<void> {
    const text = sealed(record);
    if (Buffer.byteLength(text) > MAX_BYTES) throw tooMany(record.number);
    await writeDurably(this.#pathOf(record.number), text, signal);
    this.#remember(record);
  }

  /** @returns why it is still there */
  async remove(number: number): Promise<LeewardError | undefined> {
    this.#uses.delete(number);
    return await removedFile(this.#pathOf(number));
  }

  #remember(record: GenerationRecord): RecordUse {
    const use = { texts: textsOf(record), hasStore: storeOfRecord(record) !== undefined };
    this.#uses.set(record.number, use);
    return use;
  }

  #pathOf(number: number): string {
    return join(this.#folder, `generation-${number}.json`);
  }
}

function sealed(record: GenerationRecord): string {
  return `${JSON.stringify({ ...record, checksum: digestOf(JSON.stringify(record)) })}\n`;
}

function parsed(text: string): GenerationRecord | undefined {
  try {
    const { checksum, ...record } = JSON.parse(text) as GenerationRecord & { readonly checksum: unknown };
    return record.version === 1 && checksum === digestOf(JSON.stringify(record)) ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Of the content, not of the disk or of who may write: those may pass. */
function isDamage(error: unknown): boolean {
  if (!(error instanceof LeewardError)) return false;
  return error.code === 'LW_POLICY_HISTORY' || (error.code === 'LW_POLICY_INVALID' && error.cause === undefined);
}

function unreadable(number: number, { message, hint }: LeewardError): LeewardError {
  return new LeewardError(
    'LW_POLICY_HISTORY',
    `generation ${number} cannot be read, and stays with all texts that it may name: ${message}`,
    { hint: hint ?? 'make it readable again, or remove it: then there is no such generation' },
  );
}

function tooMany(number: number): LeewardError {
  return new LeewardError('LW_POLICY_HISTORY', `generation ${number} has too many files to be recorded`);
}

function noGeneration(number: number, kept: readonly number[]): LeewardError {
  const range = kept.length === 0 ? 'none is kept' : `those from ${kept.at(-1)} to ${kept[0]} are kept`;
  return new LeewardError('LW_POLICY_HISTORY', `there is no generation ${number}: ${range}`);
}
