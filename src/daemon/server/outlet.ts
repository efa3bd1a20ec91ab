import type { Socket } from 'node:net';
import { LeewardError } from '../../errors/leeward-error.js';
import { encodeFrame } from '../../protocol/encode.js';
import type { OutputFrame } from '../../protocol/messages.gen.js';
import { type Answer, refusal } from './answer.js';

/** The sending side of a connection: frames in the order given, and how much of them the peer has not read. */
export class Outlet {
  readonly #socket: Socket;
  readonly #answerBytes: number;
  readonly #onSent: () => void;
  readonly #onTaken: () => void;
  #outputBytes = 0;

  /**
   * @param answerBytes bytes of answers that are not read, with which the next one ends the connection
   * @param onSent called when there is something for the peer to read
   * @param onTaken called when there is less of output than before
   */
  constructor(socket: Socket, answerBytes: number, onSent: () => void, onTaken: () => void) {
    this.#socket = socket;
    this.#answerBytes = answerBytes;
    this.#onSent = onSent;
    this.#onTaken = onTaken;
  }

  /** Bytes that the peer has not read. */
  get unread(): number {
    return this.#socket.writableLength;
  }

  /** Bytes of answers among them. Output does not count: it has bounds of its own, the windows of its jobs. */
  get unreadAnswers(): number {
    return this.#socket.writableLength - this.#outputBytes;
  }

  /** Differs from before when the peer has read something since, also a part of what is being written. */
  get progress(): string {
    // Node counts a write that is under way as not done at all; how much of it the kernel has not taken is known to its handle alone.
    const { _handle } = this.#socket as Socket & { readonly _handle?: { readonly writeQueueSize: number } | null };
    return `${this.#socket.bytesWritten - this.#socket.writableLength}, ${_handle?.writeQueueSize ?? 0}`;
  }

  answer(answer: Answer): void {
    if (this.unreadAnswers >= this.#answerBytes) this.#socket.destroy();
    if (this.#socket.writable) this.#socket.write(answerFrame(answer));
    this.#onSent();
  }

  /** @param taken called when the kernel has the frame, or nobody will read it */
  output(id: number, stream: OutputFrame['stream'], data: Uint8Array, taken: () => void): void {
    if (!this.#socket.writable) {
      taken();
      return;
    }
    const message: OutputFrame = { type: 'Output', id, stream, data };
    const frame = encodeFrame(message);
    this.#outputBytes += frame.length;
    this.#socket.write(frame, () => {
      this.#outputBytes -= frame.length;
      taken();
      this.#onTaken();
    });
    this.#onSent();
  }
}

/** An answer as a frame; one that does not fit is an error of ours, and is said to be one instead of ending the daemon. */
function answerFrame(answer: Answer): Buffer {
  try {
    return encodeFrame(answer);
  } catch (error) {
    const text = `the answer cannot be sent: ${(error as Error).message}`;
    return encodeFrame(refusal(answer.type, answer.id, new LeewardError('LW_INTERNAL', text, { cause: error })));
  }
}
