import type { OutputFrame } from '../../protocol/messages.gen.js';
import { OutputBuffer } from '../jobs/output.js';
import type { OutputListener } from './handler.js';
import type { Outlet } from './outlet.js';

type Stream = OutputFrame['stream'];

/** Pieces that wait. With more of them what comes joins the last one of its stream: the order of the two to each other is lost then. */
const MAX_PIECES = 32;

interface Piece {
  readonly stream: Stream;
  readonly data: OutputBuffer;
}

/**
 * The output of one job on its way to the client. While the client has not read what was sent, what comes is joined: a job that writes
 * byte by byte costs no more memory than one that writes much at once.
 */
export class OutputFrames {
  readonly #id: number;
  readonly #outlet: Outlet;
  #waiting: Piece[] = [];
  #unread = 0;
  #taken: (bytes: number) => void = () => {};

  /** @param id of the request */
  constructor(id: number, outlet: Outlet) {
    this.#id = id;
    this.#outlet = outlet;
  }

  readonly listener: OutputListener = (stream, data, taken) => {
    this.#taken = taken;
    if (this.#unread === 0) this.#send(stream, data);
    else this.#pieceOf(stream).data.append(data);
  };

  /** Sends what waits, whether it is read or not: the job has ended, and its answer comes next. */
  flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { stream, data } of waiting) this.#send(stream, data.bytes());
  }

  #pieceOf(stream: Stream): Piece {
    const last = this.#waiting.at(-1);
    if (last?.stream === stream) return last;
    const earlier = this.#waiting.findLast((piece) => piece.stream === stream);
    if (earlier !== undefined && this.#waiting.length >= MAX_PIECES) return earlier;
    const piece = { stream, data: new OutputBuffer(Number.POSITIVE_INFINITY) };
    this.#waiting.push(piece);
    return piece;
  }

  #send(stream: Stream, data: Uint8Array): void {
    this.#unread++;
    this.#outlet.output(this.#id, stream, data, () => {
      this.#unread--;
      this.#taken(data.length);
      if (this.#unread === 0) this.flush();
    });
  }
}
