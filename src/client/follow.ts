import { isUtf8 } from 'node:buffer';
import type { JobResult, OutputFrame } from '../protocol/messages.gen.js';
import type { FollowOptions } from './run-options.js';

type Stream = OutputFrame['stream'];

/** Passes the output of a job on to its callbacks as it comes; a stream without one is kept for the result. */
export class Follower {
  readonly #callbacks: Readonly<Record<Stream, ((data: Uint8Array) => void) | undefined>>;
  readonly #kept: Record<Stream, Uint8Array[]> = { stdout: [], stderr: [] };

  private constructor({ onStdout, onStderr }: FollowOptions) {
    this.#callbacks = { stdout: onStdout, stderr: onStderr };
  }

  /** Undefined when there is no callback: then all output is in the result anyway. */
  static of(options: FollowOptions): Follower | undefined {
    return options.onStdout === undefined && options.onStderr === undefined ? undefined : new Follower(options);
  }

  readonly onOutput = (stream: Stream, data: Uint8Array): void => {
    const callback = this.#callbacks[stream];
    if (callback === undefined) this.#kept[stream].push(data);
    else callback(data);
  };

  /** The result, with the stream that was kept in its place. */
  completed(result: JobResult): JobResult {
    const { content: stdout, binary: binaryStdout } = textOf(this.#kept.stdout);
    const { content: stderr, binary: binaryStderr } = textOf(this.#kept.stderr);
    return { ...result, stdout, stderr, binary: { stdout: binaryStdout, stderr: binaryStderr } };
  }
}

function textOf(chunks: readonly Uint8Array[]): { readonly content: string | Uint8Array; readonly binary: boolean } {
  const bytes = Buffer.concat(chunks);
  return isUtf8(bytes) ? { content: bytes.toString('utf8'), binary: false } : { content: bytes, binary: true };
}
