import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('host.py', import.meta.url));

export interface Question {
  readonly input: string;
  readonly output: string;
  readonly stdout: string;
  readonly check: string;
}

/** A Python on the host that looks at results. Imports are paid once. */
export class HostCheck {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  /** @param python of the runtime, so that the libraries are the same */
  constructor(python: string) {
    this.#child = spawn(python, ['-I', SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'], env: { MPLBACKEND: 'agg' } });
    const lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream });
    this.#answers = lines[Symbol.asyncIterator]();
  }

  /** What the check raised, with its traceback; undefined when it was content. */
  async ask(question: Question): Promise<string | undefined> {
    this.#child.stdin?.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) return 'the checking process has ended';
    return (JSON.parse(value) as string | null) ?? undefined;
  }

  async close(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await ended;
  }
}
