import { sha256 } from '../../audit-log/chain.js';
import type { JobEvent, Mount, Output, RefusedCall, RefusedEvent } from '../../audit-log/records.gen.js';
import type { Denial, ExecuteRequest, JobResult, TextOrBytes } from '../../protocol/messages.gen.js';
import type { LiveJob } from '../jobs/live-jobs.js';
import type { EndedJob, RefusedRequest } from '../jobs/observer.js';

/** What is recorded of a job: whose, under what, and how it ended. Of its code the digest, of its output the size, of its data nothing. */
export function jobEvent({ request, requester, execution }: EndedJob): JobEvent {
  const { tenant, peer } = requester;
  const { job, policy, status, result, error } = execution;
  return {
    kind: 'job',
    job,
    tenant: tenant.name,
    peer: { uid: peer.uid, gid: peer.gid },
    ...askedFor(request),
    policy: result?.policy ?? { name: policy, generation: null, digest: null },
    status,
    error: error?.code ?? null,
    exit_code: result?.exit_code ?? null,
    signal: result?.signal ?? null,
    duration_ms: result?.duration_ms ?? null,
    cpu_time_us: result?.cpu_time_us ?? null,
    memory_peak: result?.memory_peak ?? null,
    total_us: result?.timing.total_us ?? null,
    output: result === undefined ? null : outputOf(result),
    denials: (result?.denials ?? []).map(refusedCall),
    enforced: result?.enforced ?? null,
  };
}

/** What is recorded of a job that was let in, and ended while it waited: nothing of it has run. */
export function unstartedEvent({ request, peer, error }: RefusedRequest, job: LiveJob): JobEvent {
  const { name, generation, digest } = job.policyIdentity;
  return {
    kind: 'job',
    job: job.name,
    tenant: job.tenant,
    peer: { uid: peer.uid, gid: peer.gid },
    ...askedFor(request),
    policy: { name: name ?? '', generation, digest },
    status: 'cancelled',
    error: error.code,
    ...NOTHING_RAN,
  };
}

/** @param tenant of the peer, undefined where he has none */
export function refusedEvent({ request, peer, error, job }: RefusedRequest, tenant: string | undefined): RefusedEvent {
  // What the check of requests has refused, or was not given to, may have anything in its fields.
  const isUnchecked = error.code.startsWith('LW_PROTO_') || error.code === 'LW_DAEMON_SHUTTING_DOWN';
  const isChecked = job !== undefined || !isUnchecked;
  return {
    kind: 'refused',
    ...(job === undefined ? {} : { job }),
    tenant: tenant ?? null,
    peer: { uid: peer.uid, gid: peer.gid },
    job_id: (isChecked ? request.job_id : undefined) ?? null,
    policy: (isChecked ? request.policy : undefined) ?? null,
    mounts: isChecked ? mountsOf(request) : [],
    error: error.code,
  };
}

function askedFor(
  request: ExecuteRequest,
): Pick<JobEvent, 'job_id' | 'idempotency_key' | 'code' | 'mounts' | 'allow_paths'> {
  return {
    job_id: request.job_id ?? null,
    idempotency_key: request.idempotency_key ?? null,
    code: codeOf(request),
    mounts: mountsOf(request),
    allow_paths: request.allow_paths ?? [],
  };
}

const NOTHING_RAN = {
  exit_code: null,
  signal: null,
  duration_ms: null,
  cpu_time_us: null,
  memory_peak: null,
  total_us: null,
  output: null,
  denials: [],
  enforced: null,
} satisfies Partial<JobEvent>;

function codeOf({ code }: ExecuteRequest): JobEvent['code'] {
  const bytes = Buffer.from(code, 'utf8');
  return { digest: sha256(bytes), bytes: bytes.length };
}

function mountsOf({ mounts = [] }: ExecuteRequest): Mount[] {
  return mounts.map(({ host, sandbox, ro = true }) => ({ host, sandbox, read_only: ro }));
}

function outputOf({ stdout, stderr, streamed, truncated, files = {} }: JobResult): Output {
  return {
    stdout: sizeOf(stdout) + (streamed?.stdout ?? 0),
    stderr: sizeOf(stderr) + (streamed?.stderr ?? 0),
    truncated: truncated.stdout || truncated.stderr,
    files: Object.keys(files).length,
  };
}

function sizeOf(text: TextOrBytes): number {
  return typeof text === 'string' ? Buffer.byteLength(text, 'utf8') : text.length;
}

function refusedCall({ syscall, nr, limit, count, errno, rule }: Denial): RefusedCall {
  return { syscall, nr, ...(limit === undefined ? {} : { limit }), count, errno, rule };
}
