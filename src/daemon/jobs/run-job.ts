import { LeewardError } from '../../errors/leeward-error.js';
import type { JobCollect, JobEnd } from '../../native/job.js';
import type { ExecuteRequest } from '../../protocol/messages.gen.js';
import { type Grant, jobMount } from '../admission/admit.js';
import type { PoolPlace } from '../pools/pool.js';
import type { OutputListener, Peer } from '../server/handler.js';
import { JobOutput } from './job-output.js';
import type { LiveJob } from './live-jobs.js';
import type { JobRecord } from './result.js';
import type { RunningJob, RunningJobs } from './running-jobs.js';
import type { StartDeadline } from './start-deadline.js';

// Together with the streams of a job they fit an answer.
const MAX_COLLECTED_FILES = 256;
const MAX_COLLECTED_BYTES = 8n << 20n;

/** How long a request is waited for, and who hears of it. */
export interface Wait {
  readonly job: LiveJob;
  readonly signal: AbortSignal;
  readonly deadline: StartDeadline;
  readonly onOutput: OutputListener | undefined;
  /** On the clock of `performance.now()`. */
  readonly start: number;
}

function collectOf({ collect }: Grant): JobCollect {
  const patterns = collect.map(({ mount, folder, name }) => ({ mount, folder, name }));
  return { patterns, filesMax: MAX_COLLECTED_FILES, bytesMax: MAX_COLLECTED_BYTES };
}

/** A job with all that is known of it. */
export interface Work extends Omit<RunningJob, 'revoke'> {
  readonly request: ExecuteRequest;
  readonly peer: Peer;
  readonly grant: Grant;
  readonly payload: Buffer;
  /** Where it is counted while it runs. */
  readonly running: RunningJobs;
}

export interface Run {
  readonly record: JobRecord;
  /** Why it was ended by somebody else than its client: its policy was revoked, or it was killed. */
  readonly endedFor: LeewardError | undefined;
}

/**
 * Has the supervisor run a job.
 *
 * @throws LeewardError LW_REQUEST_DEADLINE, LW_DAEMON_SHUTTING_DOWN, when nothing of it has run
 */
export async function runJob(
  { supervisor, handle }: PoolPlace,
  { request: { stdin, stream }, peer, grant, payload, running, tenant, policy }: Work,
  { job: live, signal, deadline, onOutput }: Wait,
): Promise<Run> {
  const output = new JobOutput(onOutput, stream === true, (bytes) => supervisor.outputTaken(job, bytes));
  const { memory, timeoutMs } = grant.limits;
  live.enter('starting');
  const job = supervisor.run(
    {
      poolId: handle.id,
      memoryMax: memory,
      timeoutMs,
      peer,
      mounts: grant.mounts.map(jobMount),
      payload,
      stdin: typeof stdin === 'string' ? Buffer.from(stdin, 'utf8') : (stdin ?? null),
      ...(grant.collect.length === 0 ? {} : { collect: collectOf(grant) }),
      streamWindow: output.window,
    },
    { onStarted: (seat) => live.enter('running', seat), onOutput: (name, data) => output.receive(name, data) },
  );
  const cancel = () => supervisor.cancel(job);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  let revoked: LeewardError | undefined;
  const ended = running.add({
    tenant,
    policy,
    revoke: (reason) => {
      // Whoever has ended it first is who has ended it.
      if (signal.aborted) return;
      revoked = reason;
      live.enter('ending', live.seat);
      cancel();
    },
  });
  let isLate = false;
  const disarm = deadline.arm(() => {
    isLate = true;
    // Only the supervisor knows whether the code is released: what runs goes on.
    supervisor.cancel(job, { waitingOnly: true });
  });
  try {
    const end = await job.ended;
    if (isLate && !signal.aborted && neverBegan(end)) throw deadline.error('a sandbox that is ready for it');
    const stopped = revoked === undefined ? stopOfDaemon(signal) : undefined;
    if (stopped !== undefined && neverBegan(end)) throw stopped;
    const endedFor = end.status === 'cancelled' ? (revoked ?? live.killedFor) : undefined;
    return { record: { end: stopped === undefined ? end : lostByStop(end), ...output.record() }, endedFor };
  } finally {
    disarm();
    ended();
    signal.removeEventListener('abort', cancel);
  }
}

function neverBegan({ status, started }: JobEnd): boolean {
  return status === 'cancelled' && started === false;
}

/** Undefined: not the end of the daemon has aborted it. */
function stopOfDaemon({ reason }: AbortSignal): LeewardError | undefined {
  return reason instanceof LeewardError && reason.code === 'LW_DAEMON_SHUTTING_DOWN' ? reason : undefined;
}

/** Nobody has asked for its end: how it would have ended is not known, as when its supervisor is gone. */
function lostByStop(end: JobEnd): JobEnd {
  if (end.status !== 'cancelled') return end;
  return { ...end, status: 'lost', lostReason: 'the daemon was stopped before it had ended' };
}
