import { LeewardError } from '../../errors/leeward-error.js';
import type { ExecuteRequest, ExecuteResponse } from '../../protocol/messages.gen.js';
import { StartDeadline } from '../jobs/start-deadline.js';

/** Carries a request out; a signal that aborts cancels it, wherever it is. It came at `arrivedAt`, on the clock of `performance.now()`. */
export type Execute = (request: ExecuteRequest, signal: AbortSignal, arrivedAt: number) => Promise<ExecuteResponse>;

/** The Execute requests of one connection: some under way, the others in line behind them. Each can be cancelled by its id. */
export class Executions {
  readonly #execute: Execute;
  readonly #places: number;
  readonly #mayBegin: () => boolean;
  /** Of each request that has no answer yet, also of those in line. */
  readonly #controllers = new Map<number | symbol, AbortController>();
  readonly #line = new Set<() => void>();
  #underWay = 0;

  /**
   * @param places requests that may be under way at a time
   * @param mayBegin false while none may begin, though there is a place; `advance` is called when that changes
   */
  constructor(places: number, mayBegin: () => boolean, execute: Execute) {
    this.#places = places;
    this.#mayBegin = mayBegin;
    this.#execute = execute;
  }

  /**
   * Carries out a request when it is its turn.
   *
   * @throws LeewardError LW_PROTO_BAD_FIELD when its id is taken; LW_REQUEST_DEADLINE, or what it was aborted with, before its turn
   */
  async run(request: ExecuteRequest): Promise<ExecuteResponse> {
    const key = request.id ?? Symbol('without id');
    if (this.#controllers.has(key)) throw idTaken(request.id);
    const controller = new AbortController();
    this.#controllers.set(key, controller);
    const arrivedAt = performance.now();
    const deadline = new StartDeadline(request.deadline_ms, arrivedAt);
    try {
      await deadline.during(
        controller.signal,
        () => `its turn on this connection, which has ${this.#places} requests under way`,
        (signal) => this.#turn(signal),
      );
      return await this.#execute(request, controller.signal, arrivedAt).finally(() => this.#leave());
    } finally {
      this.#controllers.delete(key);
    }
  }

  /** Ends the request with this id. False when there is none that has no answer yet. */
  cancel(id: number): boolean {
    const controller = this.#controllers.get(id);
    controller?.abort(new LeewardError('LW_JOB_CANCELLED', 'cancelled by its client'));
    return controller !== undefined;
  }

  /** Ends all of them. */
  abort(reason: LeewardError): void {
    for (const controller of this.#controllers.values()) controller.abort(reason);
  }

  /** Begins with those that have waited longest, as far as there are places. */
  advance(): void {
    for (const begin of this.#line) {
      if (this.#underWay >= this.#places || !this.#mayBegin()) return;
      this.#line.delete(begin);
      this.#underWay++;
      begin();
    }
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#line.add(resolve);
      // One whose turn has come is no longer in line: then the signal is for whoever carries it out.
      const leave = () => this.#line.delete(resolve) && reject(signal.reason);
      signal.addEventListener('abort', leave, { once: true });
      this.advance();
    });
  }

  #leave(): void {
    this.#underWay--;
    this.advance();
  }
}

function idTaken(id: number | undefined): LeewardError {
  return new LeewardError('LW_PROTO_BAD_FIELD', `id is ${id}, that of a request which is not answered yet`, {
    place: { field: 'id' },
  });
}
