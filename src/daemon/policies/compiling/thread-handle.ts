import type { Worker } from 'node:worker_threads';
import { LeewardError } from '../../../errors/leeward-error.js';
import type { SourceFile } from '../../../policy/types.js';
import { AskedFiles, type KnownExtensions } from './asked-files.js';
import { whileAnswering } from './compile-policy.js';
import type { CompileTask, LibraryPolicy } from './compiler.js';
import type { FromThread, ToThread } from './messages.js';
import { ParcelReader } from './parcel.js';
import { FILES, SentParts } from './parts.js';

/** The thread has ended, or was ended because it did not answer. */
export class ThreadLost extends Error {
  /** The file that it had. */
  readonly file: string;
  /** It did not answer in time. */
  readonly isLate: boolean;

  constructor(file: string, reason: string, isLate: boolean) {
    super(reason);
    this.file = file;
    this.isLate = isLate;
  }
}

interface Exchange {
  readonly resolve: (message: FromThread) => void;
  readonly reject: (error: ThreadLost) => void;
  readonly timer: NodeJS.Timeout;
}

/** One compiler thread, seen from where it was started. */
export class ThreadHandle {
  readonly #worker: Worker;
  readonly #deadlineMs: number;
  readonly #extensions: KnownExtensions;
  readonly #sent = new SentParts<SourceFile>(FILES);
  readonly #parcels = new ParcelReader();
  #exchange: Exchange | undefined;
  /** The file that is being compiled. */
  #file = '';
  #ended: string | undefined;

  /**
   * @param deadlineMs how long the thread may work without a word
   * @param extensions what all threads have learnt
   */
  constructor(worker: Worker, deadlineMs: number, extensions: KnownExtensions) {
    this.#worker = worker;
    this.#deadlineMs = deadlineMs;
    this.#extensions = extensions;
    worker.on('message', (message: FromThread) => this.#settle()?.resolve(message));
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
   * Has a policy compiled. Not to be called while another one is.
   *
   * @throws LeewardError as `PolicyCompiler.compile`
   * @throws ThreadLost after which the thread is of no use
   */
  async compile({ source: read, extended, target }: CompileTask): Promise<LibraryPolicy> {
    this.#worker.ref();
    const source = read();
    this.#file = source.file;
    const files = new AskedFiles(source, extended, this.#extensions, this.#sent);
    let heard = await this.#say({ kind: 'compile', source, ...files.first() });
    while (heard.kind === 'files') heard = await this.#say(files.answer(heard.references));
    if (heard.kind !== 'target') throw failureOf(heard);
    const { runtime, host, directory, ready } = target(heard.runtime);
    const finish = async (where: string | null) => {
      const end = await this.#say({ kind: 'target', runtime, host, directory: where });
      if (end.kind !== 'done') throw failureOf(end);
      files.learn(end.extended);
      return this.#parcels.read(end.parcel, files.sources, runtime);
    };
    return directory === undefined ? finish(await ready) : whileAnswering(ready, () => finish(directory));
  }

  /** Ends the thread, whatever it does. It is not waited for: a file system that does not answer can hold it. */
  end(reason: string, isLate = false): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    void this.#worker.terminate();
    this.#settle()?.reject(new ThreadLost(this.#file, reason, isLate));
  }

  #say(message: ToThread): Promise<FromThread> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(new ThreadLost(this.#file, this.#ended, false));
        return;
      }
      const late = () => this.end(`it did not answer within ${this.#deadlineMs / 1000} s`, true);
      this.#exchange = { resolve, reject, timer: setTimeout(late, this.#deadlineMs) };
      this.#worker.postMessage(message);
    });
  }

  #settle(): Exchange | undefined {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    clearTimeout(exchange?.timer);
    return exchange;
  }
}

function failureOf(message: FromThread): LeewardError {
  if (message.kind !== 'failed') {
    return new LeewardError('LW_INTERNAL', `a compiler thread said ${message.kind} at the wrong time`);
  }
  const { error, stack } = message;
  const cause = stack === undefined ? undefined : Object.assign(new Error(error.message), { stack });
  return new LeewardError(error.code, error.message, { ...error, cause });
}
