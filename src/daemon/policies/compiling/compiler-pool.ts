import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { asLeewardError, LeewardError } from '../../../errors/leeward-error.js';
import { PACKAGE_ROOT } from '../../config/paths.js';
import type { KnownExtensions } from './asked-files.js';
import type { CompileTask, LibraryPolicy, PolicyCompiler } from './compiler.js';
import { ThreadHandle, ThreadLost } from './thread-handle.js';

export interface CompilerPoolOptions {
  /** Threads at a time, 1 or more. */
  readonly threads: number;
  /** How long a thread may work on one policy without a word. Default: a minute. */
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

/** Compiles policies in threads, in the order in which they come, so that nobody else has to wait for it. */
export class CompilerPool implements PolicyCompiler {
  readonly #options: Required<CompilerPoolOptions>;
  /** What files extend: a policy like others is then compiled without a question. */
  readonly #extensions: KnownExtensions = new WeakMap();
  readonly #threads = new Set<ThreadHandle>();
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

  /** Starts a thread, if there is none, so that the first policy does not wait for it. */
  warm(): void {
    if (this.#threads.size === 0 && !this.#closed) this.#release(this.#started());
  }

  async compile(task: CompileTask): Promise<LibraryPolicy> {
    for (let attempt = 1; ; attempt++) {
      const thread = await this.#acquire();
      try {
        return await thread.compile(task);
      } catch (error) {
        if (!(error instanceof ThreadLost)) throw error;
        if (this.#closed) throw shuttingDown();
        if (error.isLate || attempt === ATTEMPTS) throw refusalOf(error);
      } finally {
        this.#release(thread);
      }
    }
  }

  close(): void {
    this.#closed = true;
    for (const { refuse } of this.#waiting.splice(0)) refuse(shuttingDown());
    for (const thread of this.#threads) thread.end('the daemon stops');
    for (const timer of this.#resting.values()) clearTimeout(timer);
    this.#resting.clear();
    this.#threads.clear();
  }

  async #acquire(): Promise<ThreadHandle> {
    if (this.#closed) throw shuttingDown();
    // The one that has worked last: the others end when there is less to do.
    const rested = [...this.#resting].at(-1);
    if (rested !== undefined) {
      const [thread, timer] = rested;
      clearTimeout(timer);
      this.#resting.delete(thread);
      return thread.hasEnded ? this.#replaced(thread) : thread;
    }
    if (this.#threads.size < this.#options.threads) return this.#started();
    return new Promise((take, refuse) => this.#waiting.push({ take, refuse }));
  }

  #release(thread: ThreadHandle): void {
    if (this.#closed) return;
    if (thread.hasEnded) this.#threads.delete(thread);
    const next = this.#waiting.shift();
    if (next === undefined) {
      if (!thread.hasEnded) this.#rest(thread);
      return;
    }
    try {
      next.take(thread.hasEnded ? this.#started() : thread);
    } catch (error) {
      // The host has no room for a thread now. Those behind it must not wait for one either.
      next.refuse(asLeewardError(error));
      this.#release(thread);
    }
  }

  #rest(thread: ThreadHandle): void {
    thread.rest();
    const end = () => {
      this.#resting.delete(thread);
      this.#threads.delete(thread);
      thread.end('it had nothing to do');
    };
    this.#resting.set(thread, setTimeout(end, this.#options.idleMs).unref());
  }

  #replaced(thread: ThreadHandle): ThreadHandle {
    this.#threads.delete(thread);
    return this.#started();
  }

  #started(): ThreadHandle {
    const { start, deadlineMs } = this.#options;
    const thread = new ThreadHandle(start(), deadlineMs, this.#extensions);
    this.#threads.add(thread);
    return thread;
  }
}

/** From `src` and from `dist` alike it is the built program: threads know no TypeScript. */
function startThread(): Worker {
  const program = join(PACKAGE_ROOT, 'dist', 'daemon', 'policies', 'compiling', 'compiler-thread.js');
  return new Worker(program, { resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } });
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
