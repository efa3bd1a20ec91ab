import type { JobEnd } from '../../native/job.js';
import type { JobEndMessage } from '../../plan/layout.gen.js';
import type { Proof } from '../../policy/index.js';
import type { CompiledPolicy } from '../../policy/types.js';
import type { JobResult, PolicyIdentity, Timing } from '../../protocol/messages.gen.js';
import { PROTOCOL } from '../../protocol/schema.gen.js';
import type { GrantedCollect } from '../admission/collect.js';
import { exceptionOf } from './claims.js';
import { type CollectedFiles, collectedFiles, sizeInAnswer } from './collected.js';
import { denialsOf, limitDenials } from './denials.js';
import { fitStreams, type OutputBuffer, streamText } from './output.js';
import { type Executors, receiptOf } from './receipt.js';

/** Bytes of an answer that are kept for everything but the two streams: exception, denials, receipt. */
const RESERVED_BYTES = 2 << 20;

/** Most that an answer can hold of both streams together, and of what is collected, which comes first. */
export const STREAM_ROOM = PROTOCOL.maxFrame - RESERVED_BYTES;

/** What one job has left behind. */
export interface JobRecord {
  readonly end: JobEnd;
  readonly stdout: OutputBuffer;
  readonly stderr: OutputBuffer;
  readonly claims: OutputBuffer;
  /** Bytes that went to the client while the job ran; undefined when the buffers have them. */
  readonly streamed?: JobResult['streamed'] | undefined;
}

export interface ResultContext {
  /** What the request collects. */
  readonly collect: readonly GrantedCollect[];
  readonly compiled: CompiledPolicy;
  readonly proof: Proof;
  readonly policy: PolicyIdentity;
  readonly executors: Executors;
  readonly timing: Pick<Timing, 'pool_us' | 'queue_us' | 'total_us'>;
}

/**
 * The result of a job whose code has started, for an answer that fits a frame. Undefined when it has not, or when that is not known
 * because the supervisor was lost.
 */
export function jobResult(record: JobRecord, context: ResultContext): JobResult | undefined {
  const { end } = record;
  if (end.started !== true || end.receipt === null) return undefined;
  const collected = collectedOf(end, context.collect);
  const room = STREAM_ROOM - (collected === undefined ? 0 : sizeInAnswer(collected));
  return {
    ...outcomeOf(end),
    ...streamsOf(record, room),
    ...claimsOf(record),
    ...contextOf(end, end.receipt, context),
    ...collected,
  };
}

function outcomeOf(end: JobEnd) {
  return {
    exit_code: end.exitCode,
    duration_ms: Math.round((end.runUs ?? 0) / 1000),
    memory_peak: end.memoryPeak,
    cpu_time_us: end.cpuTimeUs,
    timed_out: end.status === 'timed_out',
    oom_killed: end.status === 'oom_killed',
    status: end.status,
    signal: end.signal,
  };
}

/** A job that collects something and was not looked at (it is lost) has left nothing that is known. */
function collectedOf({ collected }: JobEnd, patterns: readonly GrantedCollect[]): CollectedFiles | undefined {
  return patterns.length === 0 ? undefined : collectedFiles(collected ?? { errno: 0 }, patterns);
}

function streamsOf({ end, stdout, stderr, streamed }: JobRecord, room: number) {
  const [out, errors] = fitStreams(stdout.bytes(), stderr.bytes(), room);
  const cutOut = stdout.cut || out.length < stdout.bytes().length || end.truncated.includes('stdout');
  const cutErrors = stderr.cut || errors.length < stderr.bytes().length || end.truncated.includes('stderr');
  const outText = streamText(out, cutOut);
  const errorText = streamText(errors, cutErrors);
  return {
    stdout: outText.content,
    stderr: errorText.content,
    ...(streamed === undefined ? {} : { streamed }),
    truncated: { stdout: outText.truncated, stderr: errorText.truncated },
    binary: { stdout: outText.binary, stderr: errorText.binary },
  };
}

function claimsOf({ end, claims }: JobRecord) {
  return { error: exceptionOf(claims.bytes(), claims.cut || end.truncated.includes('claims')) };
}

function contextOf(end: JobEnd, receipt: JobEndMessage, { compiled, proof, policy, executors, timing }: ResultContext) {
  const { plan, policy: effective } = compiled;
  return {
    denials: [...denialsOf(end.denials, effective, plan.arch), ...limitDenials(end, effective)],
    policy,
    enforced: receiptOf(receipt, { plan, proof, policy }, executors),
    timing: {
      pool_us: timing.pool_us,
      queue_us: (timing.queue_us ?? 0) + (end.queueUs ?? 0),
      attach_us: end.attachUs,
      run_us: end.runUs,
      teardown_us: end.teardownUs,
      total_us: timing.total_us,
    },
  };
}
