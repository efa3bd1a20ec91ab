import { randomInt } from 'node:crypto';

/** Base 32 of Crockford: no letter that is taken for a digit. In the order of ASCII, so that names sort as the numbers do. */
const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';
/** Milliseconds since 1970, until the year 3084. */
const TIME_LENGTH = 9;
const RUN_LENGTH = 3;

/**
 * Gives jobs their names: the time of admission, no time twice, and a random number of this daemon. So names of a daemon that was started
 * again, whose clock may have been set back meanwhile, are others.
 */
export class JobNames {
  readonly #now: () => number;
  readonly #run: string;
  #last = 0;

  /**
   * @param now the host's clock, milliseconds since 1970
   * @param run below 32 ** 3
   */
  constructor(now: () => number = Date.now, run: number = randomInt(32 ** RUN_LENGTH)) {
    this.#now = now;
    this.#run = digitsOf(run, RUN_LENGTH);
  }

  next(): string {
    this.#last = Math.max(this.#now(), this.#last + 1);
    return digitsOf(this.#last, TIME_LENGTH) + this.#run;
  }
}

function digitsOf(number: number, length: number): string {
  let text = '';
  for (let rest = number; text.length < length; rest = Math.floor(rest / 32)) text = `${DIGITS[rest % 32]}${text}`;
  return text;
}
