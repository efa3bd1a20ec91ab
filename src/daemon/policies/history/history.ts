import { readdirSync } from 'node:fs';
import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { asLeewardError, LeewardError } from '../../../errors/leeward-error.js';
import { type DaemonPaths, type PolicyDirectory, storeOf } from '../../config/paths.js';
import { preparePolicyHistory } from '../../config/state-directory.js';
import type { FrozenFolders } from '../frozen-folders.js';
import type { Generation } from '../generations/generation.js';
import type { Trust } from '../owner.js';
import type { StoredFiles } from '../store/stored-folders.js';
import { MAX_BYTES, readTrustedFile } from '../trusted-file.js';
import { type ComparedChange, type PolicyChange, policyChanges } from './changes.js';
import { writeDurably } from './durable-file.js';
import { type Pin, PinFile } from './pin-file.js';
import {
  describe,
  digestOfFolders,
  frozenOf,
  type GenerationRecord,
  type Origin,
  storeOfRecord,
  textsOf,
} from './record.js';
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
  /** Path that findings have for the store. */
  readonly #store: string;
  readonly #trust: Trust;
  readonly #texts: TextStore;
  readonly #pins: PinFile;
  readonly #most: number;
  readonly #onProblem: HistoryOptions['onProblem'];
  #latest: { readonly number: number; readonly digest: string | undefined };
  /** Records are written one after the other. */
  #writing: Promise<void> = Promise.resolve();
  #problem: LeewardError | undefined;
  #stored: StoredFiles | undefined;

  /** @throws LeewardError LW_POLICY_HISTORY when the folder cannot be read */
  constructor({ folder, trust, most = MOST, onProblem }: HistoryOptions) {
    this.#folder = folder;
    this.#store = storeOf(folder);
    this.#texts = new TextStore(folder, trust);
    this.#pins = new PinFile(folder, trust);
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

  /** The generation that serves until somebody says otherwise; undefined: the latest one does. */
  get pin(): Pin | undefined {
    return this.#pins.pin;
  }

  /** @param pin undefined: none is pinned. @throws LeewardError LW_POLICY_HISTORY: nothing has changed */
  async setPin(pin: Pin | undefined): Promise<void> {
    try {
      await this.#pins.set(pin);
    } catch (thrown) {
      throw problemOf(thrown);
    }
  }

  /** The last generation's, if these are its files still; else the next one. */
  numberOf(folders: FrozenFolders): number {
    const { number, digest } = this.#latest;
    return describe(folders).digest === digest ? number : number + 1;
  }

  /** Number of the generation that serves where none is pinned, or was the last to do so. */
  get latest(): number {
    return this.#latest.number;
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

  /**
   * All files of a generation, to be served again.
   *
   * @param directories of the daemon, which have to be those that it had
   * @throws as `record`
   */
  servable(number: number, directories: readonly PolicyDirectory[]): FrozenFolders {
    const folders = this.folders(this.record(number));
    const [then, now] = [folders.data.directories, directories].map((all) => all.map(({ path }) => path).join(', '));
    if (then === now) return folders;
    throw new LeewardError('LW_POLICY_HISTORY', `generation ${number} is of other folders: ${then}`, {
      hint: `those of this daemon are ${now}`,
    });
  }

  /** All files of a generation, as they were. @throws as `record` */
  folders(record: GenerationRecord): FrozenFolders {
    return frozenOf(record.folders, this.#store, (digest) => this.#texts.read(digest));
  }

  /** What is in the store, by path. @throws as `record` */
  stored(): StoredFiles {
    this.#stored ??= this.#readStore();
    return this.#stored;
  }

  /**
   * A generation serves from now on. It is recorded by and by: nothing waits for the disk.
   *
   * @param before the one that served until now; undefined: a daemon has just started
   */
  serves(generation: Generation, origin: Origin, before: Generation | undefined): void {
    if (generation.number <= this.#latest.number) return;
    this.#latest = { number: generation.number, digest: describe(generation.folders).digest };
    this.#writing = this.#writing.then(async () => {
      try {
        await this.#write(generation, origin, before && (await policyChanges(before, generation)));
        await this.#prune();
        this.#tell(undefined);
      } catch (thrown) {
        this.#tell(problemOf(thrown));
      }
    });
  }

  /**
   * Records a generation before it serves. From then on its files are those of the store, also for the next daemon.
   *
   * @throws LeewardError LW_POLICY_HISTORY: nothing has changed
   */
  async keep(generation: Generation, origin: Origin, changes: readonly ComparedChange[]): Promise<void> {
    await this.#writing;
    try {
      await this.#write(generation, origin, changes);
    } catch (thrown) {
      // It may be there although the folder could not be synced: the next daemon is not to serve what was refused.
      await unlink(this.#pathOf(generation.number)).catch(() => undefined);
      throw problemOf(thrown);
    }
    this.#latest = { number: generation.number, digest: describe(generation.folders).digest };
    this.#stored = undefined;
    this.#writing = this.#prune().then(
      () => this.#tell(undefined),
      (thrown: unknown) => this.#tell(problemOf(thrown)),
    );
  }

  /** What is to be recorded is, or cannot be. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #write(generation: Generation, origin: Origin, changes: readonly ComparedChange[] | undefined): Promise<void> {
    const { digest, folders, texts } = describe(generation.folders);
    const { number, loadedAt } = generation;
    const kept = changes?.map(withoutComparison) ?? null;
    const time = loadedAt.toISOString();
    const record: GenerationRecord = { version: 1, number, time, ...origin, changes: kept, digest, folders };
    const text = `${JSON.stringify(record)}\n`;
    if (Buffer.byteLength(text) > MAX_BYTES) throw tooMany(number);
    await this.#texts.keep(texts);
    await writeDurably(this.#pathOf(number), text);
  }

  /** Old ones go, and the texts that nobody names any more. */
  async #prune(): Promise<void> {
    const numbers = numbersOf(await readdir(this.#folder));
    if (numbers.length <= this.#most) return;
    const kept = new Set([...numbers.slice(0, this.#most), this.#storeRecord()?.number, this.pin?.generation]);
    const old = numbers.filter((number) => !kept.has(number));
    for (const number of old) await unlink(this.#pathOf(number));
    const used = new Set(numbers.filter((number) => kept.has(number)).flatMap((one) => textsOf(this.record(one))));
    await this.#texts.sweep(used);
  }

  /** The latest one of a daemon with a store. */
  #storeRecord(): GenerationRecord | undefined {
    for (const number of this.numbers()) {
      const record = this.record(number);
      if (storeOfRecord(record) !== undefined) return record;
    }
    return undefined;
  }

  #readStore(): StoredFiles {
    const record = this.#storeRecord();
    const files = Object.entries((record && storeOfRecord(record))?.files ?? {});
    return new Map(
      files.flatMap(([name, content]) =>
        typeof content === 'string' ? [[join(this.#store, name), this.#texts.read(content)] as const] : [],
      ),
    );
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
  preparePolicyHistory(paths);
  return historyOf(paths, (error) => {
    if (error === undefined) log.info('generations of policies are recorded again');
    else log.error({ code: error.code }, error.message);
  });
}

/** As this user may trust it. @throws LeewardError as `PolicyHistory` */
export function historyOf(
  { policyHistory: folder }: DaemonPaths,
  onProblem: HistoryOptions['onProblem'],
): PolicyHistory {
  return new PolicyHistory({
    folder,
    trust: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
    onProblem,
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

function tooMany(number: number): LeewardError {
  return new LeewardError('LW_POLICY_HISTORY', `generation ${number} has too many files to be recorded`);
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
