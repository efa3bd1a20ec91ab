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

/**
 * Decides whose job runs next on this host. Places are given to the share that has had least of them: the time for which its
 * jobs held places, by its weight. So a share that asks for more than the others waits for itself, whether by many jobs or by long ones; what
 * it left unused while it was idle is not saved up. (The idea: start-time fair queueing, Goyal, Vin and Cheng 1996, with the
 * time that a job really took instead of a length that nobody knows before, as in Linux' CFS.)
 */
export class Scheduler {
  readonly #places: number;
  readonly #now: () => number;
  readonly #shares = new Set<Share>();
  #running = 0;
  #orders = 0;
  /** What the share that got the last place had had: less than that nobody is counted to have had. */
  #floor = 0;

  /**
   * @param places jobs at a time
   * @param now a clock, milliseconds
   */
  constructor(places: number, now: () => number = () => performance.now()) {
    this.#places = places;
    this.#now = now;
  }

  share(limits: ShareLimits): Share {
    const share = new Share(limits, this);
    this.#shares.add(share);
    return share;
  }

  /** Jobs that have a place. */
  get running(): number {
    return this.#running;
  }

  /** Replaces the limits of a share. What runs or waits already stays; what may run now does. */
  allow(share: Share, limits: ShareLimits): void {
    share.allow(limits, this.#now());
    this.#fill();
  }

  /** @internal */
  async take(share: Share, lane: LaneState, signal: AbortSignal): Promise<Release> {
    signal.throwIfAborted();
    share.wake(this.#now(), this.#floor);
    if (this.#running < this.#places && share.hasRoom && lane.waiting.length === 0 && lane.hasRoom) {
      return this.#start(share, lane);
    }
    share.refuseIfFull(lane);
    return new Promise((resolve, reject) => {
      const abort = () => {
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
    share.begin(this.#now());
    this.#floor = Math.max(this.#floor, share.had);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#running--;
      lane.running--;
      share.end(this.#now());
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

  #next(): { readonly share: Share; readonly lane: LaneState } | undefined {
    const now = this.#now();
    let best: { share: Share; lane: LaneState } | undefined;
    for (const share of this.#shares) {
      const lane = share.nextLane();
      if (lane === undefined) continue;
      share.settle(now);
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

/** One tenant's part of the host. */
export class Share {
  readonly #scheduler: Scheduler;
  #limits: ShareLimits;
  readonly #lanes = new Set<LaneState>();
  #running = 0;
  /** Place-milliseconds by weight, up to `since`. */
  #had = 0;
  #since = 0;

  /** @internal */
  constructor(limits: ShareLimits, scheduler: Scheduler) {
    this.#limits = limits;
    this.#scheduler = scheduler;
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
  allow(limits: ShareLimits, now: number): void {
    this.settle(now);
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

  /** @internal Who had nothing to do has had no less than whoever is served now. */
  wake(now: number, floor: number): void {
    this.settle(now);
    if (this.#running === 0 && this.waiting === 0) this.#had = Math.max(this.#had, floor);
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
  begin(now: number): void {
    this.settle(now);
    this.#running++;
  }

  /** @internal */
  end(now: number): void {
    this.settle(now);
    this.#running--;
  }

  /** @internal */
  settle(now: number): void {
    this.#had += (this.#running * (now - this.#since)) / this.#limits.weight;
    this.#since = now;
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
