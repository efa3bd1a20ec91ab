import { readdirSync } from 'node:fs';
import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { asLeewardError, LeewardError } from '../../../errors/leeward-error.js';
import type { DaemonPaths } from '../../config/paths.js';
import { preparePolicyHistory } from '../../config/state-directory.js';
import type { FrozenFolders } from '../frozen-folders.js';
import type { Generation } from '../generations/generation.js';
import type { Trust } from '../owner.js';
import { readTrustedFile } from '../trusted-file.js';
import { type ComparedChange, type PolicyChange, policyChanges } from './changes.js';
import { writeDurably } from './durable-file.js';
import { describe, digestOfFolders, frozenOf, type GenerationRecord, type Origin, textsOf } from './record.js';
import { TextStore } from './text-store.js';

export interface HistoryOptions {
  /** Belongs to it alone. */
  readonly folder: string;
  readonly trust: Trust;
  /** How many generations are kept. Default: 100. */
  readonly most?: number;
  /** Called with what keeps a generation from being recorded, and with undefined when one is again. */
  readonly onProblem: (error: LeewardError | undefined) => void;
}

const MOST = 100;
const NAME = /^generation-([1-9]\d{0,14})\.json$/;

/** The generations that a daemon has served, in its state directory: which texts, who made them, what they changed. */
export class PolicyHistory {
  readonly #folder: string;
  readonly #trust: Trust;
  readonly #texts: TextStore;
  readonly #most: number;
  readonly #onProblem: HistoryOptions['onProblem'];
  #latest: { readonly number: number; readonly digest: string | undefined };
  /** Records are written one after the other. */
  #writing: Promise<void> = Promise.resolve();
  #problem: LeewardError | undefined;

  /** @throws LeewardError LW_POLICY_HISTORY when the folder cannot be read */
  constructor({ folder, trust, most = MOST, onProblem }: HistoryOptions) {
    this.#folder = folder;
    this.#texts = new TextStore(folder, trust);
    this.#trust = trust;
    this.#most = most;
    this.#onProblem = onProblem;
    const number = this.numbers()[0] ?? 0;
    this.#latest = { number, digest: number === 0 ? undefined : this.#digestOf(number) };
  }

  /** Why the generation that serves is not recorded; undefined when it is. */
  get problem(): LeewardError | undefined {
    return this.#problem;
  }

  /** The last generation's, if these are its files still; else the next one. */
  numberOf(folders: FrozenFolders): number {
    const { number, digest } = this.#latest;
    return describe(folders).digest === digest ? number : number + 1;
  }

  /** Numbers of those that are kept, the latest first. @throws LeewardError LW_POLICY_HISTORY */
  numbers(): readonly number[] {
    try {
      return numbersOf(readdirSync(this.#folder));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new LeewardError('LW_POLICY_HISTORY', `the history of policies cannot be read: ${this.#folder}: ${code}`);
    }
  }

  /** @throws LeewardError LW_POLICY_HISTORY when there is none of this number, or it is damaged; LW_POLICY_UNSAFE_FILE */
  record(number: number): GenerationRecord {
    const path = this.#pathOf(number);
    const text = readTrustedFile(path, this.#trust);
    if (text === undefined) throw noGeneration(number, this.numbers());
    const record = parsed(text);
    if (record?.number === number && record.digest === digestOfFolders(record.folders)) return record;
    throw new LeewardError('LW_POLICY_HISTORY', `the history of policies is damaged: ${path} is not as it was written`);
  }

  /** All files of a generation, as they were. @throws as `record` */
  folders(record: GenerationRecord): FrozenFolders {
    return frozenOf(record.folders, (digest) => this.#texts.read(digest));
  }

  /**
   * A generation serves from now on. It is recorded by and by: nothing waits for the disk.
   *
   * @param before the one that served until now; undefined: a daemon has just started
   */
  serves(generation: Generation, origin: Origin, before: Generation | undefined): void {
    if (generation.number <= this.#latest.number && this.#problem === undefined) return;
    const { digest } = describe(generation.folders);
    this.#latest = { number: generation.number, digest };
    this.#writing = this.#writing.then(async () => {
      try {
        await this.#write(generation, origin, before);
        await this.#prune();
        this.#tell(undefined);
      } catch (thrown) {
        this.#tell(problemOf(thrown));
      }
    });
  }

  /** What is to be recorded is, or cannot be. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #write(generation: Generation, origin: Origin, before: Generation | undefined): Promise<void> {
    const changes = before === undefined ? null : (await policyChanges(before, generation)).map(withoutComparison);
    const { digest, folders, texts } = describe(generation.folders);
    await this.#texts.keep(texts);
    const { number, loadedAt } = generation;
    const time = loadedAt.toISOString();
    const record: GenerationRecord = { version: 1, number, time, ...origin, changes, digest, folders };
    await writeDurably(this.#pathOf(number), `${JSON.stringify(record)}\n`);
  }

  /** Old ones go, and the texts that nobody names any more. */
  async #prune(): Promise<void> {
    const numbers = numbersOf(await readdir(this.#folder));
    const old = numbers.slice(this.#most);
    if (old.length === 0) return;
    for (const number of old) await unlink(this.#pathOf(number));
    const used = new Set(numbers.slice(0, this.#most).flatMap((number) => textsOf(this.record(number))));
    await this.#texts.sweep(used);
  }

  #digestOf(number: number): string | undefined {
    try {
      return this.record(number).digest;
    } catch (error) {
      // What is served now is another generation then.
      this.#tell(asLeewardError(error));
      return undefined;
    }
  }

  #tell(problem: LeewardError | undefined): void {
    if (problem?.message === this.#problem?.message) return;
    this.#problem = problem;
    this.#onProblem(problem);
  }

  #pathOf(number: number): string {
    return join(this.#folder, `generation-${number}.json`);
  }
}

/**
 * The history of a daemon with these paths.
 *
 * @throws LeewardError LW_DAEMON_LOCKED when its folder cannot be made; as `PolicyHistory`
 */
export function openHistory(paths: DaemonPaths, log: Logger): PolicyHistory {
  return new PolicyHistory({
    folder: preparePolicyHistory(paths),
    trust: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
    onProblem: (error) => {
      if (error === undefined) log.info('generations of policies are recorded again');
      else log.error({ code: error.code }, error.message);
    },
  });
}

function numbersOf(names: readonly string[]): readonly number[] {
  return names
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a);
}

function withoutComparison({ policy, relation }: ComparedChange): PolicyChange {
  return { policy, relation };
}

function noGeneration(number: number, kept: readonly number[]): LeewardError {
  const range = kept.length === 0 ? 'none is kept' : `those from ${kept.at(-1)} to ${kept[0]} are kept`;
  return new LeewardError('LW_POLICY_HISTORY', `there is no generation ${number}: ${range}`);
}

function parsed(text: string): GenerationRecord | undefined {
  try {
    const record = JSON.parse(text) as Partial<GenerationRecord> | null;
    return record?.version === 1 && Array.isArray(record.folders) ? (record as GenerationRecord) : undefined;
  } catch {
    return undefined;
  }
}

function problemOf(thrown: unknown): LeewardError {
  if (thrown instanceof LeewardError) return thrown;
  const { code, path = '' } = thrown as NodeJS.ErrnoException;
  if (code === undefined) return asLeewardError(thrown);
  return new LeewardError('LW_POLICY_HISTORY', `the history of policies cannot be written: ${path} ${code}`.trim());
}
