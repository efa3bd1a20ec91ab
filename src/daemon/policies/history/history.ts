import { dirname, join } from 'node:path';
import { asLeewardError, LeewardError } from '../../../errors/leeward-error.js';
import { MAX_GENERATIONS } from '../../../protocol/schema.gen.js';
import { type PolicyDirectory, storeOf } from '../../config/paths.js';
import type { FrozenFolders } from '../frozen-folders.js';
import type { Generation } from '../generations/generation.js';
import type { Trust } from '../owner.js';
import type { StoredFiles } from '../store/stored-folders.js';
import { type ComparedChange, type PolicyChange, policyChanges } from './changes.js';
import { type Pin, PinFile } from './pin-file.js';
import { prune } from './prune.js';
import { describe, frozenOf, type GenerationRecord, type Origin, storeOfRecord } from './record.js';
import { RecordFiles } from './record-files.js';
import { TextStore } from './text-store.js';
import { WriteTurns } from './write-turns.js';

export interface HistoryOptions {
  /** Belongs to it alone. */
  readonly folder: string;
  readonly trust: Trust;
  /** How many generations are kept. Default: `MAX_GENERATIONS`. */
  readonly most?: number;
  /** Called with what keeps a generation from being recorded, and with undefined when one is again. */
  readonly onProblem: (error: LeewardError | undefined) => void;
  /** Called once with why something that is old had to be left. */
  readonly onLeft: (error: LeewardError) => void;
}

/** The generations that a daemon has served, in its state directory: which texts, who made them, what they changed. */
export class PolicyHistory {
  /** Path that findings have for the store. */
  readonly #store: string;
  readonly #records: RecordFiles;
  readonly #texts: TextStore;
  readonly #pins: PinFile;
  readonly #most: number;
  readonly #told: Pick<HistoryOptions, 'onProblem' | 'onLeft'>;
  #latest: { readonly number: number; readonly digest: string | undefined };
  readonly #turns = new WriteTurns();
  #problem: LeewardError | undefined;
  #left: readonly LeewardError[] = [];
  #stored: StoredFiles | undefined;

  /** @throws LeewardError LW_POLICY_HISTORY when the folder cannot be read */
  constructor({ folder, trust, most = MAX_GENERATIONS, ...told }: HistoryOptions) {
    this.#store = storeOf(folder);
    this.#records = new RecordFiles(folder, trust);
    this.#texts = new TextStore(folder, trust);
    this.#pins = new PinFile(folder, trust);
    this.#most = most;
    this.#told = told;
    const number = this.numbers()[0] ?? 0;
    this.#latest = { number, digest: number === 0 ? undefined : this.#digestOf(number) };
  }

  /** Why the generation that serves is not recorded, what is pinned may be undone, or something that is old had to be left. */
  get problems(): readonly LeewardError[] {
    return [this.#problem, this.pinProblem, ...this.#left].filter((problem) => problem !== undefined);
  }

  /** The generation that serves until somebody says otherwise; undefined: the latest one does. */
  get pin(): Pin | undefined {
    return this.#pins.pin;
  }

  /**
   * @param pin undefined: none is pinned
   * @returns why a power failure may bring back what was pinned before; undefined: it cannot
   * @throws LeewardError LW_POLICY_HISTORY: nothing has changed
   */
  async setPin(pin: Pin | undefined): Promise<LeewardError | undefined> {
    return await this.#turns.take(async () => {
      // What is old went meanwhile.
      if (pin !== undefined) this.record(pin.generation);
      try {
        await this.#pins.set(pin, this.#turns.signal);
      } catch (thrown) {
        throw problemOf(thrown);
      }
      return this.pinProblem;
    });
  }

  /** Why a power failure may bring back what was pinned before; undefined: it cannot. */
  get pinProblem(): LeewardError | undefined {
    const { unsynced } = this.#pins;
    if (unsynced === undefined) return undefined;
    const message = `a power failure may bring back what was pinned before: ${placeOf(unsynced)}`;
    return new LeewardError('LW_POLICY_HISTORY', message);
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
    return this.#records.numbers();
  }

  /** @throws LeewardError LW_POLICY_HISTORY when there is none of this number, or it is damaged; LW_POLICY_UNSAFE_FILE */
  record(number: number): GenerationRecord {
    return this.#records.read(number);
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
    this.#byAndBy(async () => {
      await this.#write(generation, origin, before && (await policyChanges(before, generation)));
      await this.#prune();
    });
  }

  /**
   * Records a generation before it serves. From then on its files are those of the store, also for the next daemon.
   *
   * @throws LeewardError LW_POLICY_HISTORY, LW_DAEMON_SHUTTING_DOWN: nothing has changed
   */
  async keep(generation: Generation, origin: Origin, changes: readonly ComparedChange[]): Promise<void> {
    await this.#turns.take(async () => {
      // After a pin that served for a while: these are the files of the latest one.
      if (generation.number === this.#latest.number) return;
      try {
        await this.#write(generation, origin, changes);
      } catch (thrown) {
        throw await this.#undone(generation, problemOf(thrown));
      }
      this.#latest = { number: generation.number, digest: describe(generation.folders).digest };
      this.#stored = undefined;
    });
    this.#byAndBy(() => this.#prune());
  }

  /** What is to be recorded is, or cannot be. */
  async settled(): Promise<void> {
    await this.#turns.settled();
  }

  /** Gives up what is not recorded yet, as `WriteTurns.giveUp`. */
  async giveUp(): Promise<void> {
    await this.#turns.giveUp();
  }

  /** Nobody waits for it. */
  #byAndBy(write: () => Promise<void>): void {
    void this.#turns.take(async () => {
      try {
        await write();
        this.#tell(undefined);
      } catch (thrown) {
        this.#tell(problemOf(thrown));
      }
    });
  }

  /** The record may be there although its folder could not be synced: the next daemon is not to serve what was refused. */
  async #undone({ number }: Generation, { code, message }: LeewardError): Promise<LeewardError> {
    const problem = await this.#records.remove(number);
    const rest = problem === undefined ? '' : `; the next daemon may serve it all the same: ${problem.message}`;
    return new LeewardError(code, `${message}${rest}`);
  }

  async #write(generation: Generation, origin: Origin, changes: readonly ComparedChange[] | undefined): Promise<void> {
    const { digest, folders, texts } = describe(generation.folders);
    const { number, loadedAt } = generation;
    const kept = changes?.map(withoutComparison) ?? null;
    const time = loadedAt.toISOString();
    const record: GenerationRecord = { version: 1, number, time, ...origin, changes: kept, digest, folders };
    const { signal } = this.#turns;
    await this.#texts.keep(texts, signal);
    await this.#records.write(record, signal);
  }

  async #prune(): Promise<void> {
    const options = { most: this.#most, pinned: this.pin?.generation, signal: this.#turns.signal };
    const left = await prune(this.#records, this.#texts, options);
    const known = new Set(this.#left.map(({ message }) => message));
    this.#left = left;
    for (const error of left) if (!known.has(error.message)) this.#told.onLeft(error);
  }

  /** The latest one of a daemon with a store. @throws as `record`, also for a later one that may be it */
  #storeRecord(): GenerationRecord | undefined {
    const latest = this.numbers().find((number) => this.#records.look(number).use?.hasStore !== false);
    return latest === undefined ? undefined : this.record(latest);
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
    this.#told.onProblem(problem);
  }
}

function withoutComparison({ policy, relation }: ComparedChange): PolicyChange {
  return { policy, relation };
}

function problemOf(thrown: unknown): LeewardError {
  if (thrown instanceof LeewardError) return thrown;
  if ((thrown as NodeJS.ErrnoException).code === undefined) return asLeewardError(thrown);
  const place = placeOf(thrown as NodeJS.ErrnoException);
  return new LeewardError('LW_POLICY_HISTORY', `the history of policies cannot be written: ${place}`);
}

/** Without the file's name, which is another one each time. */
function placeOf({ code, path, message }: NodeJS.ErrnoException): string {
  return path === undefined ? (code ?? message) : `${dirname(path)}: ${code}`;
}
