import type { StreamName } from '../../plan/layout.gen.js';
import type { OutputListener } from '../server/handler.js';
import { OutputBuffer } from './output.js';
import { type JobRecord, STREAM_ROOM } from './result.js';

/** Bytes of a streamed output that a job may be ahead of its client: so much is held of it, whatever it writes. */
const STREAM_WINDOW = 256 << 10;
/** What was taken is told in parts of at least this size: a message for each write of a job would cost more than it gains. */
const TOLD_AT_ONCE = STREAM_WINDOW / 4;
const MAX_CLAIMS_BYTES = 4 << 20;

/** What a job writes: kept for its result, or passed on and only counted. */
export class JobOutput {
  /** Bytes that the job may be ahead; 0: no bound. */
  readonly window: number;
  readonly #listener: OutputListener | undefined;
  readonly #take: (bytes: number) => void;
  readonly #streamed: { stdout: number; stderr: number } | undefined;
  readonly #stdout = new OutputBuffer(STREAM_ROOM);
  readonly #stderr = new OutputBuffer(STREAM_ROOM);
  readonly #claims = new OutputBuffer(MAX_CLAIMS_BYTES);
  #untold = 0;

  /**
   * @param listener gets the output as it comes
   * @param streams the listener alone keeps it
   * @param take tells the supervisor how much was taken
   */
  constructor(listener: OutputListener | undefined, streams: boolean, take: (bytes: number) => void) {
    this.#listener = listener;
    this.#take = take;
    this.#streamed = listener !== undefined && streams ? { stdout: 0, stderr: 0 } : undefined;
    this.window = this.#streamed === undefined ? 0 : STREAM_WINDOW;
  }

  receive(stream: StreamName, data: Uint8Array): void {
    if (stream === 'claims') {
      this.#claims.append(data);
      return;
    }
    if (this.#streamed === undefined) (stream === 'stdout' ? this.#stdout : this.#stderr).append(data);
    else this.#streamed[stream] += data.length;
    this.#listener?.(stream, data, this.#taken);
  }

  record(): Omit<JobRecord, 'end'> {
    return { stdout: this.#stdout, stderr: this.#stderr, claims: this.#claims, streamed: this.#streamed };
  }

  readonly #taken = (bytes: number): void => {
    this.#untold += bytes;
    if (this.window === 0 || this.#untold < TOLD_AT_ONCE) return;
    this.#take(this.#untold);
    this.#untold = 0;
  };
}
