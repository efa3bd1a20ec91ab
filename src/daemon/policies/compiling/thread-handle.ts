import type { Worker } from 'node:worker_threads';
import type { Diagnostic } from '../../../errors/diagnostic.js';
import { LeewardError } from '../../../errors/leeward-error.js';
import type { SourceFile } from '../../../policy/types.js';
import type { FrozenFolders } from '../frozen-folders.js';
import type { Survey } from '../survey/survey.js';
import type { CompileTask, LibraryPolicy } from './compiler.js';
import type { FailedMessage, FromThread, LintAnswer, PlaceQuestion, Question, SurveyAnswer } from './messages.js';
import { type OpenParcel, ParcelReader } from './parcel.js';

/** The thread has ended, or was ended because it did not answer. */
export class ThreadLost extends Error {
  /** The file that was to be compiled. */
  readonly file: string;
  /** It was this file's turn. */
  readonly atWork: boolean;
  /** It did not answer in time. */
  readonly isLate: boolean;

  constructor(file: string, { reason, isLate }: End, atWork: boolean) {
    super(reason);
    this.file = file;
    this.atWork = atWork;
    this.isLate = isLate;
  }
}

interface End {
  readonly reason: string;
  readonly isLate: boolean;
}

type Settled = FailedMessage | { readonly kind: 'done'; readonly parcel: OpenParcel };
type Answer = PlaceQuestion | Settled | SurveyAnswer | LintAnswer;

interface Exchange {
  readonly file: string;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: ThreadLost) => void;
}

/** Where runtimes were found in these folders, by name. */
export type RuntimePlaces = Map<string, string | null>;

/** How often a runtime may turn out to lie elsewhere while a policy is compiled for it. */
const PLACES = 3;

/** One compiler thread, seen from where it was started. */
export class ThreadHandle {
  readonly #worker: Worker;
  readonly #deadlineMs: number;
  readonly #parcels = new ParcelReader();
  /** What the thread was asked, in the order in which it answers. */
  readonly #asked: Exchange[] = [];
  /** The folders that it was given last. */
  #folders: FrozenFolders | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ended: End | undefined;

  /** @param deadlineMs how long the thread may work on one policy */
  constructor(worker: Worker, deadlineMs: number) {
    this.#worker = worker;
    this.#deadlineMs = deadlineMs;
    worker.on('message', (message: FromThread) => this.#hear(message));
    worker.on('messageerror', (error) => this.end(`it said something that cannot be read: ${error.message}`));
    worker.on('error', (error) => this.end(error.message));
    worker.on('exit', (status) => this.end(`it ended with ${status}`));
  }

  get hasEnded(): boolean {
    return this.#ended !== undefined;
  }

  /** The process may end while this thread rests. */
  rest(): void {
    this.#worker.unref();
  }

  /**
   * Has a policy compiled. The thread does what it was asked before first.
   *
   * @param places what is known of runtimes; what is learnt comes in addition
   * @throws LeewardError as `PolicyCompiler.compile`
   * @throws ThreadLost after which the thread is of no use
   */
  async compile(task: CompileTask, folders: FrozenFolders, places: RuntimePlaces): Promise<LibraryPolicy> {
    const source = task.source();
    for (let left = PLACES; left > 0; left--) {
      const question = { kind: 'compile', file: source.file, host: task.host, places } as const;
      const answer = await this.#ask(question, source.file, folders);
      if (answer.kind === 'survey' || answer.kind === 'lint') throw unexpected(answer.kind);
      if (answer.kind === 'place') places.set(answer.runtime, await placeOf(task, answer.runtime));
      else if (await isInPlace(answer, task, places)) return policyOf(answer, task, source);
    }
    throw new LeewardError('LW_INTERNAL', `the runtime of ${source.file} does not stay where it is`);
  }

  /**
   * Has the folders looked through.
   *
   * @throws ThreadLost after which the thread is of no use
   */
  async survey(folders: FrozenFolders): Promise<Survey> {
    const answer = await this.#ask({ kind: 'survey' }, folders.data.directories[0]?.path ?? '', folders);
    if (answer.kind !== 'survey') throw unexpected(answer.kind);
    return answer.survey;
  }

  /**
   * Has files looked at.
   *
   * @param files as findings name them
   * @throws LeewardError for a file that cannot be read
   * @throws ThreadLost after which the thread is of no use
   */
  async lint(folders: FrozenFolders, files: readonly string[]): Promise<readonly Diagnostic[]> {
    const answer = await this.#ask({ kind: 'lint', files }, files[0] ?? '', folders);
    if (answer.kind === 'failed') throw failureOf(answer);
    if (answer.kind !== 'lint') throw unexpected(answer.kind);
    return answer.findings;
  }

  /** Ends the thread, whatever it does. It is not waited for: a file system that does not answer can hold it. */
  end(reason: string, isLate = false): void {
    if (this.#ended !== undefined) return;
    const end = { reason, isLate };
    this.#ended = end;
    clearTimeout(this.#timer);
    void this.#worker.terminate();
    for (const [index, { file, reject }] of this.#asked.splice(0).entries()) {
      reject(new ThreadLost(file, end, index === 0));
    }
  }

  /** @param file what it is about, for errors */
  #ask(question: Question, file: string, folders: FrozenFolders): Promise<Answer> {
    this.#worker.ref();
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(new ThreadLost(file, this.#ended, false));
        return;
      }
      this.#asked.push({ file, resolve, reject });
      if (this.#asked.length === 1) this.#setTimer();
      if (folders !== this.#folders) this.#worker.postMessage({ kind: 'folders', data: folders.data });
      this.#folders = folders;
      this.#worker.postMessage(question);
    });
  }

  #hear(message: FromThread): void {
    const exchange = this.#asked.shift();
    clearTimeout(this.#timer);
    if (this.#asked.length > 0) this.#setTimer();
    // A parcel is opened at once: the next one counts on what it has brought.
    exchange?.resolve(message.kind === 'done' ? { kind: 'done', parcel: this.#parcels.open(message.parcel) } : message);
  }

  #setTimer(): void {
    const late = () => this.end(`it did not answer within ${this.#deadlineMs / 1000} s`, true);
    this.#timer = setTimeout(late, this.#deadlineMs);
  }
}

/**
 * Whether the runtime is where the thread took it to be.
 *
 * @throws LeewardError the runtime's own error, which comes first, because those of the policy can follow from it
 */
async function isInPlace(answer: Settled, task: CompileTask, places: RuntimePlaces): Promise<boolean> {
  const runtime = answer.kind === 'done' ? answer.parcel.runtime : answer.runtime;
  if (runtime === undefined) return true;
  const assumed = places.get(runtime) ?? null;
  const place = await placeOf(task, runtime);
  places.set(runtime, place);
  return place === assumed;
}

async function placeOf(task: CompileTask, runtime: string): Promise<string | null> {
  const { directory, ready } = task.target(runtime);
  const found = await ready;
  return directory ?? found;
}

/** @throws LeewardError what was wrong with the policy */
function policyOf(answer: Settled, task: CompileTask, source: SourceFile): LibraryPolicy {
  if (answer.kind === 'failed') throw failureOf(answer);
  const { parcel } = answer;
  const files = parcel.files.map((reference) => {
    const file = reference === null ? source : task.extended(reference);
    if (file === undefined) throw new LeewardError('LW_INTERNAL', `${source.file} was compiled with other files`);
    return file;
  });
  return parcel.with(files, task.target(parcel.runtime).runtime);
}

function unexpected(kind: string): LeewardError {
  return new LeewardError('LW_INTERNAL', `a compiler thread answered with ${kind}`);
}

function failureOf({ error, stack }: FailedMessage): LeewardError {
  const cause = stack === undefined ? undefined : Object.assign(new Error(error.message), { stack });
  return new LeewardError(error.code, error.message, { ...error, cause });
}
