import { LeewardError } from '../errors/leeward-error.js';
import type { Message } from '../plan/layout.gen.js';
import type { JobHandle } from './job.js';
import type { PendingPool } from './pool.js';
import { type Roster, rosterOf } from './roster.js';
import { stageError, stageFailure } from './stage.js';

type PoolMessage = Extract<Message, { type: 'pool_ready' | 'pool_failed' | 'pool_closed' }>;
type JobMessage = Extract<Message, { type: 'job_started' | 'job_output' | 'job_denial' | 'job_end' | 'job_collected' }>;

/**
 * The pools, jobs and rosters that a supervisor was asked for, and what it says of them. Messages about something that is not known
 * (any more) are ignored: a cancel and an end can cross.
 */
export class InFlight {
  readonly jobs = new Map<bigint, JobHandle>();
  readonly pools = new Map<bigint, PendingPool>();
  /** Who waits to be told of the workers; undefined: nobody is there any more to tell. */
  readonly rosters = new Map<bigint, (roster: Roster | undefined) => void>();

  /**
   * False for a message that is about neither pools nor jobs nor workers.
   *
   * @param attachment the bytes that came with it
   */
  receive(message: Message, attachment?: Uint8Array): boolean {
    switch (message.type) {
      case 'pool_ready':
      case 'pool_failed':
      case 'pool_closed':
        this.#receiveOfPool(message);
        return true;
      case 'job_started':
      case 'job_output':
      case 'job_denial':
      case 'job_end':
      case 'job_collected':
        this.#receiveOfJob(message, attachment);
        return true;
      case 'workers':
        this.#settle(message.id, rosterOf(message));
        return true;
      default:
        return false;
    }
  }

  /** The supervisor is gone: every job is `lost`, every pool fails. */
  lose(reason: string, error: LeewardError): void {
    for (const job of this.jobs.values()) job.lose(reason);
    this.jobs.clear();
    for (const pool of this.pools.values()) pool.fail(error);
    this.pools.clear();
    for (const id of [...this.rosters.keys()]) this.#settle(id, undefined);
  }

  #settle(id: bigint, roster: Roster | undefined): void {
    this.rosters.get(id)?.(roster);
    this.rosters.delete(id);
  }

  #receiveOfPool(message: PoolMessage): void {
    const pool = this.pools.get(message.id);
    if (pool === undefined) return;
    if (message.type === 'pool_ready') {
      pool.open(message);
      return;
    }
    this.pools.delete(message.id);
    if (message.type === 'pool_closed') pool.end();
    else pool.fail(poolError(message));
  }

  #receiveOfJob(message: JobMessage, attachment: Uint8Array | undefined): void {
    const job = this.jobs.get(message.id);
    if (job === undefined) return;
    switch (message.type) {
      case 'job_started':
        job.start(message);
        break;
      case 'job_output':
        job.output(message.stream, message.data);
        break;
      case 'job_denial':
        job.deny(message);
        break;
      case 'job_end':
        if (!job.end(message)) this.jobs.delete(message.id);
        break;
      case 'job_collected':
        this.jobs.delete(message.id);
        job.collect(attachment === undefined ? { errno: message.errno } : { records: attachment });
    }
  }
}

function poolError({ stage, index, errno, detail }: Extract<Message, { type: 'pool_failed' }>): LeewardError {
  const failure = stageFailure(stage, index, errno, detail);
  return failure === null
    ? new LeewardError('LW_SANDBOX_ERROR', `pool failed: ${detail}`)
    : stageError('pool', failure);
}
