import type { LeewardError } from '../../errors/leeward-error.js';

/** What a share may have; infinite: not limited. */
export interface ShareLimits {
  /** Jobs at a time. */
  readonly concurrent: number;
  /** Jobs that wait. */
  readonly queue: number;
  /** In relation to that of the others. */
  readonly weight: number;
  /** What a job is told that finds the queue full. */
  readonly full: (running: number, waiting: number) => LeewardError;
}

/** The jobs of one pool of a share. */
export interface Lane {
  /** Jobs at a time. */
  readonly max: number;
  /** Jobs that wait. */
  readonly queue: number;
  /** What a job is told that finds this queue full. */
  readonly full: () => LeewardError;
}

/** Gives a place back; may be called more than once. */
export type Release = () => void;

interface Waiter {
  readonly order: number;
  readonly start: (release: Release) => void;
}

/** For so long at most others go before a share that had more than its part while they waited. */
const MOST_OWED_MS = 60_000;

/**
 * Decides whose job runs next on this host. Places are given to the share that has had least of them: the time for which its
 * jobs held places, by its weight. So a share that asks for more than the others waits for itself, whether by many jobs or by long ones.
 *
 * Only what somebody waited for counts. A share that asks for less than its part, or that its own bounds hold back, is carried along with those
 * who wait: it saves nothing up. What a share has had while nobody waited is not held against it. (The idea: start-time fair queueing,
 * Goyal, Vin and Cheng 1996, where a flow never starts behind the virtual time; with the time that a job really took instead of a
 * length that nobody knows before, as in Linux' CFS.)
 */
export class Scheduler {
  readonly #places: number;
  readonly #now: () => number;
  readonly #shares = new Set<Share>();
  #running = 0;
  #orders = 0;
  /** Virtual time: what those who wait have had at least. Less than that nobody is counted to have had. */
  #floor = 0;
  /** Up to when everything is counted. */
  #since: number;

  /**
   * @param places jobs at a time
   * @param now a clock, milliseconds
   */
  constructor(places: number, now: () => number = () => performance.now()) {
    this.#places = places;
    this.#now = now;
    this.#since = now();
  }

  share(limits: ShareLimits): Share {
    this.#settle();
    const share = new Share(limits, this, this.#floor);
    this.#shares.add(share);
    return share;
  }

  /** Jobs that have a place. */
  get running(): number {
    return this.#running;
  }

  /** Replaces the limits of a share. What runs or waits already stays; what may run now does. */
  allow(share: Share, limits: ShareLimits): void {
    this.#settle();
    share.allow(limits);
    this.#fill();
  }

  /** @internal */
  async take(share: Share, lane: LaneState, signal: AbortSignal): Promise<Release> {
    signal.throwIfAborted();
    this.#settle();
    if (this.#running < this.#places && share.hasRoom && lane.waiting.length === 0 && lane.hasRoom) {
      return this.#start(share, lane);
    }
    share.refuseIfFull(lane);
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#settle();
        lane.waiting.splice(lane.waiting.indexOf(waiter), 1);
        reject(signal.reason);
      };
      const start = (release: Release) => {
        signal.removeEventListener('abort', abort);
        resolve(release);
      };
      const waiter: Waiter = { order: this.#orders++, start };
      lane.waiting.push(waiter);
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  #start(share: Share, lane: LaneState): Release {
    this.#running++;
    lane.running++;
    share.begin();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#settle();
      this.#running--;
      lane.running--;
      share.end();
      this.#fill();
    };
  }

  #fill(): void {
    while (this.#running < this.#places) {
      const next = this.#next();
      if (next === undefined) return;
      const waiter = next.lane.waiting.shift();
      waiter?.start(this.#start(next.share, next.lane));
    }
  }

  /** Counts the time since the last change. To be called before each change, as it is those who waited meanwhile that matter. */
  #settle(): void {
    const now = this.#now();
    const elapsed = now - this.#since;
    if (elapsed <= 0) return;
    this.#since = now;
    for (const share of this.#shares) share.pass(elapsed);
    const waiting = [...this.#shares].filter((share) => share.nextLane() !== undefined);
    const owed = (this.#places * MOST_OWED_MS) / sum(waiting.map(({ limits }) => limits.weight));
    const all = waiting.length === 0;
    this.#floor = all ? most(this.#shares) : Math.max(this.#floor, least(waiting));
    for (const share of this.#shares) share.carry(this.#floor, all ? this.#floor : this.#floor + owed);
  }

  #next(): { readonly share: Share; readonly lane: LaneState } | undefined {
    let best: { share: Share; lane: LaneState } | undefined;
    for (const share of this.#shares) {
      const lane = share.nextLane();
      if (lane === undefined) continue;
      if (best === undefined || isBefore(share, lane, best.share, best.lane)) best = { share, lane };
    }
    return best;
  }
}

/** Whoever has had less; else who has fewer places now, else who has waited longer. */
function isBefore(a: Share, laneOfA: LaneState, b: Share, laneOfB: LaneState): boolean {
  const byPlaces = a.running / a.limits.weight - b.running / b.limits.weight;
  return (a.had - b.had || byPlaces || (laneOfA.waiting[0]?.order ?? 0) - (laneOfB.waiting[0]?.order ?? 0)) < 0;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0);
}

function least(shares: readonly Share[]): number {
  return shares.reduce((had, share) => Math.min(had, share.had), Number.POSITIVE_INFINITY);
}

function most(shares: Iterable<Share>): number {
  return [...shares].reduce((had, share) => Math.max(had, share.had), 0);
}

/** One tenant's part of the host. */
export class Share {
  readonly #scheduler: Scheduler;
  #limits: ShareLimits;
  readonly #lanes = new Set<LaneState>();
  #running = 0;
  /** Place-milliseconds by weight. */
  #had: number;

  /** @internal */
  constructor(limits: ShareLimits, scheduler: Scheduler, had: number) {
    this.#limits = limits;
    this.#scheduler = scheduler;
    this.#had = had;
  }

  get limits(): ShareLimits {
    return this.#limits;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    let sum = 0;
    for (const { waiting } of this.#lanes) sum += waiting.length;
    return sum;
  }

  lane(lane: Lane): LaneState {
    const state = new LaneState(lane, this, this.#scheduler);
    this.#lanes.add(state);
    return state;
  }

  /** @internal */
  close(lane: LaneState): void {
    this.#lanes.delete(lane);
  }

  /** @internal */
  allow(limits: ShareLimits): void {
    this.#limits = limits;
  }

  /** @internal */
  get had(): number {
    return this.#had;
  }

  /** @internal */
  get hasRoom(): boolean {
    return this.#running < this.#limits.concurrent;
  }

  /** @internal */
  refuseIfFull(lane: LaneState): void {
    const { waiting } = this;
    if (waiting >= this.#limits.queue) throw this.#limits.full(this.#running, waiting);
    if (lane.waiting.length >= lane.lane.queue) throw lane.lane.full();
  }

  /** @internal The lane whose job has waited longest, of those that could run one now. */
  nextLane(): LaneState | undefined {
    if (!this.hasRoom) return undefined;
    let best: LaneState | undefined;
    for (const lane of this.#lanes) {
      const order = lane.hasRoom ? lane.waiting[0]?.order : undefined;
      if (order !== undefined && order < (best?.waiting[0]?.order ?? Number.POSITIVE_INFINITY)) best = lane;
    }
    return best;
  }

  /** @internal */
  begin(): void {
    this.#running++;
  }

  /** @internal */
  end(): void {
    this.#running--;
  }

  /** @internal */
  pass(elapsed: number): void {
    this.#had += (this.#running * elapsed) / this.#limits.weight;
  }

  /** @internal Counts it to have had no less than one of these, and no more than the other. */
  carry(floor: number, ceiling: number): void {
    this.#had = Math.min(Math.max(this.#had, floor), ceiling);
  }
}

/** A lane with what is in it. */
export class LaneState {
  readonly lane: Lane;
  /** @internal */
  readonly waiting: Waiter[] = [];
  /** Jobs that have a place. */
  running = 0;
  readonly #share: Share;
  readonly #scheduler: Scheduler;

  /** @internal */
  constructor(lane: Lane, share: Share, scheduler: Scheduler) {
    this.lane = lane;
    this.#share = share;
    this.#scheduler = scheduler;
  }

  get queued(): number {
    return this.waiting.length;
  }

  /** @internal */
  get hasRoom(): boolean {
    return this.running < this.lane.max;
  }

  /**
   * Waits for a place.
   *
   * @throws LeewardError at once when a queue is full; the signal's reason
   */
  take(signal: AbortSignal): Promise<Release> {
    return this.#scheduler.take(this.#share, this, signal);
  }

  /** Nothing more will wait here. */
  close(): void {
    this.#share.close(this);
  }
}
