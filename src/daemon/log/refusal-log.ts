import type { Logger } from 'pino';
import type { Peer } from '../server/handler.js';
import { RecordBudget } from './record-budget.js';

/** A refusal, as the log has it: never what the request said. */
export interface LoggedRefusal {
  readonly peer: Peer;
  /** What was asked, unless it is a job. */
  readonly type?: string;
  readonly error: string;
  /** Name of the job that it had become already. */
  readonly job?: string | undefined;
}

const SUMMARY_MS = 10_000;
/** What a line takes of the budget, whatever its length. */
const LINE = 1;
/** Lines that one user, or all together, may have at once, and how many come back in a second. */
const USER = { burst: 50, perSecond: 2 };
const ALL = { burst: 200, perSecond: 10 };

/**
 * The log's lines about refusals. They cost whoever is refused nothing: beyond some they are counted, and a line says every ten seconds
 * how many were left out.
 */
export class RefusalLog {
  readonly #log: Logger;
  readonly #budget: RecordBudget;
  readonly #timer: NodeJS.Timeout;

  /** @param now a clock, milliseconds */
  constructor(log: Logger, now?: () => number) {
    this.#log = log;
    this.#budget = new RecordBudget({ user: USER, all: ALL }, now);
    this.#timer = setInterval(() => this.summarize(), SUMMARY_MS).unref();
  }

  tell(message: string, { peer, type, error, job }: LoggedRefusal): void {
    if (this.#budget.take(peer.uid, LINE)) this.#log.info({ uid: peer.uid, type, error, job }, message);
    else this.#budget.count({ uid: peer.uid, gid: peer.gid }, error, new Date());
  }

  /** Says what was left out since the last time. */
  summarize(): void {
    for (const { peer, error, since, count } of this.#budget.takeCounted())
      this.#log.info({ uid: peer?.uid, error, since, count }, 'refusals without a line of their own');
  }

  close(): void {
    clearInterval(this.#timer);
    this.summarize();
  }
}
