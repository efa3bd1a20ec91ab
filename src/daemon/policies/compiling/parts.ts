/**
 * Parts that many policies have in common go from one thread to the other once, and are one object on either side. A part is
 * known by its number; both sides forget all but the latest ones, after the same message.
 */
import { LeewardError } from '../../../errors/leeward-error.js';

/** Parts that were not sent before, or are forgotten: numbered from `first` on. */
export interface NewParts<Part> {
  readonly first: number;
  readonly parts: readonly Part[];
}

/** The side that sends. */
export class SentParts<Part extends object> {
  readonly #most: number;
  readonly #numbers = new WeakMap<Part, number>();
  #next = 0;
  /** The first number that the other side still knows. */
  #first = 0;
  #unsent: Part[] = [];

  /** @param most how many parts are remembered from one message to the next */
  constructor(most: number) {
    this.#most = most;
  }

  numberOf(part: Part): number {
    const known = this.#numbers.get(part);
    if (known !== undefined && known >= this.#first) return known;
    this.#numbers.set(part, this.#next);
    this.#unsent.push(part);
    return this.#next++;
  }

  /** What has to go along with the numbers that were given since the last call. */
  take(): NewParts<Part> {
    const parts = this.#unsent;
    const first = this.#next - parts.length;
    this.#unsent = [];
    this.#first = Math.max(0, this.#next - this.#most);
    return { first, parts };
  }
}

/** The side that receives. */
export class ReceivedParts<Part extends object> {
  readonly #most: number;
  readonly #parts = new Map<number, Part>();
  #next = 0;

  /** @param most as on the other side */
  constructor(most: number) {
    this.#most = most;
  }

  add({ first, parts }: NewParts<Part>): void {
    for (const [index, part] of parts.entries()) this.#parts.set(first + index, part);
    this.#next = first + parts.length;
  }

  get(number: number): Part {
    const part = this.#parts.get(number);
    if (part === undefined) throw new LeewardError('LW_INTERNAL', `part ${number} of a compiled policy was never sent`);
    return part;
  }

  /** Forgets what the other side forgets; to be called when all numbers of a message were looked up. */
  forget(): void {
    for (const number of this.#parts.keys()) {
      if (number >= this.#next - this.#most) return;
      this.#parts.delete(number);
    }
  }
}
