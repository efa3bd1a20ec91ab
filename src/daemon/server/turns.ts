/** What is done when it is somebody's turn: one request. True: there is more to do. */
export type Step = () => boolean;

/** So long the requests of all connections are taken before the daemon looks at everything else: sockets, timers, children. */
const SLICE_MS = 4;

/**
 * Whose requests are taken when. As long as there is time, each is taken at once; after that owners take turns, and the connections of
 * one owner take turns within his. So whoever sends more than can be taken waits behind himself.
 */
export class Turns {
  readonly #sliceMs: number;
  readonly #now: () => number;
  readonly #lines = new Map<string, Set<Step>>();
  #spentMs = 0;
  #isComing = false;

  constructor(sliceMs: number = SLICE_MS, now: () => number = () => performance.now()) {
    this.#sliceMs = sliceMs;
    this.#now = now;
  }

  /** Has `step` done until it is at its end, now or when it is its turn. One that waits already keeps its place. */
  take(owner: string, step: Step): void {
    const isNext = this.#lines.size === 0;
    if (isNext && this.#doWhileTime(step)) return;
    const line = this.#lines.get(owner);
    if (line === undefined) this.#lines.set(owner, new Set([step]));
    else line.add(step);
    this.#come();
  }

  /** Whether the step came to its end. */
  #doWhileTime(step: Step): boolean {
    this.#come();
    while (this.#spentMs < this.#sliceMs) if (!this.#timed(step)) return true;
    return false;
  }

  #timed(step: Step): boolean {
    const before = this.#now();
    const more = step();
    this.#spentMs += this.#now() - before;
    return more;
  }

  /** A new slice, after everything else had its turn. */
  #come(): void {
    if (this.#isComing) return;
    this.#isComing = true;
    setImmediate(() => {
      this.#isComing = false;
      this.#spentMs = 0;
      this.#round();
    });
  }

  #round(): void {
    for (let next = this.#next(); next !== undefined && this.#spentMs < this.#sliceMs; next = this.#next()) {
      const [owner, line, step] = next;
      line.delete(step);
      if (this.#timed(step)) line.add(step);
      this.#lines.delete(owner);
      if (line.size > 0) this.#lines.set(owner, line);
    }
    if (this.#lines.size > 0) this.#come();
  }

  /** Maps and sets keep the order in which things came: what was done goes to the end. */
  #next(): readonly [owner: string, line: Set<Step>, step: Step] | undefined {
    for (const [owner, line] of this.#lines) for (const step of line) return [owner, line, step];
    return undefined;
  }
}
