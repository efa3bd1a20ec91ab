import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Diagnostic } from '../../../errors/diagnostic.js';
import { asLeewardError, LeewardError } from '../../../errors/leeward-error.js';
import { PACKAGE_ROOT } from '../../config/paths.js';
import type { FrozenFolders } from '../frozen-folders.js';
import type { Survey } from '../survey/survey.js';
import type { PolicyCompiler, PolicyCompilers } from './compiler.js';
import { type RuntimePlaces, ThreadHandle, ThreadLost } from './thread-handle.js';

export interface CompilerPoolOptions {
  /** Threads at a time, 1 or more. */
  readonly threads: number;
  /** How long a thread may work on one policy. Default: a minute. */
  readonly deadlineMs?: number;
  /** How long a thread without work is kept, with what it knows of the files that most policies extend. Default: a minute. */
  readonly idleMs?: number;
  /** Default: a thread with the program that compiles. */
  readonly start?: () => Worker;
}

const DEADLINE_MS = 60_000;
const IDLE_MS = 60_000;
/** A thread that ends under a policy may have been ended by those before it. */
const ATTEMPTS = 2;
/** Many times what the largest policy needs; what a thread allocates beyond it ends the thread, not the process. */
const HEAP_MB = 512;
/** A survey keeps what it has read until it is compiled; with less room most of it is copied twice on the way. */
const YOUNG_MB = 64;

/** Policies that a thread has at a time: it never waits for the next one. */
const DEPTH = 2;

/** Compiles policies in threads, in the order in which they come, so that nobody else has to wait for it. */
export class CompilerPool implements PolicyCompilers {
  readonly #options: Required<CompilerPoolOptions>;
  /** Threads, with how many policies each has. */
  readonly #threads = new Map<ThreadHandle, number>();
  /** Threads without work, and what ends them after a while. */
  readonly #resting = new Map<ThreadHandle, NodeJS.Timeout>();
  readonly #waiting: {
    readonly take: (thread: ThreadHandle) => void;
    readonly refuse: (error: LeewardError) => void;
  }[] = [];
  #closed = false;

  constructor(options: CompilerPoolOptions) {
    this.#options = { deadlineMs: DEADLINE_MS, idleMs: IDLE_MS, start: startThread, ...options };
  }

  compilerOf(folders: FrozenFolders): PolicyCompiler {
    const places: RuntimePlaces = new Map();
    return { compile: (task) => this.#inThread((thread) => thread.compile(task, folders, places)) };
  }

  survey(folders: FrozenFolders): Promise<Survey> {
    return this.#inThread((thread) => thread.survey(folders));
  }

  lint(folders: FrozenFolders, files: readonly string[]): Promise<readonly Diagnostic[]> {
    return this.#inThread((thread) => thread.lint(folders, files));
  }

  warm(): void {
    if (this.#threads.size > 0 || this.#closed) return;
    try {
      this.#rest(this.#started());
    } catch {
      // The host has no room for a thread now: whoever needs one is told so.
    }
  }

  close(): void {
    this.#closed = true;
    for (const { refuse } of this.#waiting.splice(0)) refuse(shuttingDown());
    for (const thread of this.#threads.keys()) thread.end('the daemon stops');
    for (const timer of this.#resting.values()) clearTimeout(timer);
    this.#resting.clear();
    this.#threads.clear();
  }

  async #inThread<Value>(work: (thread: ThreadHandle) => Promise<Value>): Promise<Value> {
    for (let attempt = 1; ; ) {
      const thread = await this.#acquire();
      try {
        return await work(thread);
      } catch (error) {
        if (!(error instanceof ThreadLost)) throw error;
        if (this.#closed) throw shuttingDown();
        if (!error.atWork) continue;
        if (error.isLate || attempt === ATTEMPTS) throw refusalOf(error);
        attempt++;
      } finally {
        this.#release(thread);
      }
    }
  }

  async #acquire(): Promise<ThreadHandle> {
    if (this.#closed) throw shuttingDown();
    const thread = this.#free();
    if (thread === undefined) return new Promise((take, refuse) => this.#waiting.push({ take, refuse }));
    this.#occupy(thread);
    return thread;
  }

  /** One that rests, a new one, or else one that has the least to do; undefined when all have enough. */
  #free(): ThreadHandle | undefined {
    // The one that has worked last: the others end when there is less to do.
    for (const [thread] of [...this.#resting].reverse()) {
      if (!thread.hasEnded) return thread;
      this.#forget(thread);
    }
    if (this.#threads.size < this.#options.threads) return this.#started();
    const [least] = [...this.#threads].filter(([thread]) => !thread.hasEnded).sort(([, a], [, b]) => a - b);
    return least !== undefined && least[1] < DEPTH ? least[0] : undefined;
  }

  #occupy(thread: ThreadHandle): void {
    clearTimeout(this.#resting.get(thread));
    this.#resting.delete(thread);
    this.#threads.set(thread, (this.#threads.get(thread) ?? 0) + 1);
  }

  #release(thread: ThreadHandle): void {
    if (this.#closed) return;
    const left = (this.#threads.get(thread) ?? 1) - 1;
    if (thread.hasEnded) this.#forget(thread);
    else this.#threads.set(thread, left);
    this.#serveNext();
    if (this.#threads.get(thread) === 0 && !this.#resting.has(thread)) this.#rest(thread);
  }

  #serveNext(): void {
    const [next] = this.#waiting;
    if (next === undefined) return;
    try {
      const thread = this.#free();
      if (thread === undefined) return;
      this.#waiting.shift();
      this.#occupy(thread);
      next.take(thread);
    } catch (error) {
      // The host has no room for a thread now. Those behind it must not wait for one either.
      this.#waiting.shift();
      next.refuse(asLeewardError(error));
      this.#serveNext();
    }
  }

  #rest(thread: ThreadHandle): void {
    thread.rest();
    const end = () => {
      this.#forget(thread);
      thread.end('it had nothing to do');
    };
    this.#resting.set(thread, setTimeout(end, this.#options.idleMs).unref());
  }

  #forget(thread: ThreadHandle): void {
    clearTimeout(this.#resting.get(thread));
    this.#resting.delete(thread);
    this.#threads.delete(thread);
  }

  #started(): ThreadHandle {
    const { start, deadlineMs } = this.#options;
    const thread = new ThreadHandle(start(), deadlineMs);
    this.#threads.set(thread, 0);
    return thread;
  }
}

/** From `src` and from `dist` alike it is the built program: threads know no TypeScript. */
function startThread(): Worker {
  const program = join(PACKAGE_ROOT, 'dist', 'daemon', 'policies', 'compiling', 'compiler-thread.js');
  return new Worker(program, {
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_MB },
  });
}

function shuttingDown(): LeewardError {
  return new LeewardError('LW_DAEMON_SHUTTING_DOWN', 'the daemon stops');
}

/** Nobody knows a better place than the file that the thread had. */
function refusalOf({ file, message, isLate }: ThreadLost): LeewardError {
  const place = { file, line: 1, col: 1 };
  if (isLate) {
    const text = `${file} could not be compiled: ${message}`;
    const hint = 'write fewer conditions on system calls, and see that the file systems of its mounts answer';
    return new LeewardError('LW_POLICY_INVALID', text, { place, hint });
  }
  return new LeewardError('LW_INTERNAL', `the thread that compiles ${file} was lost: ${message}`, { place });
}
