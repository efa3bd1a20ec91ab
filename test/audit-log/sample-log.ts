import { type ChainHead, EMPTY_CHAIN, linkedLine, pendingRecord } from '../../src/audit-log/chain.js';
import type { AuditEvent, JobEvent } from '../../src/audit-log/records.gen.js';

const DIGEST = `sha256:${'ab'.repeat(32)}`;

export const JOB: JobEvent = {
  kind: 'job',
  job: '1kw74zh00001',
  tenant: 'acme',
  peer: { uid: 1201, gid: 1300 },
  job_id: 'abc',
  idempotency_key: 'report:7',
  policy: { name: 'python', generation: 1, digest: DIGEST },
  code: { digest: DIGEST, bytes: 11 },
  mounts: [{ host: '/data/jobs/abc/ação', sandbox: '/input', read_only: true }],
  allow_paths: [],
  status: 'ok',
  error: null,
  exit_code: 0,
  signal: null,
  duration_ms: 118,
  cpu_time_us: 20_000,
  memory_peak: 14 << 20,
  total_us: 130_000,
  output: { stdout: 3, stderr: 0, truncated: false, files: 0 },
  denials: [
    { syscall: 'socket', nr: 41, count: 2, errno: 'EACCES', rule: null },
    { syscall: null, nr: null, limit: 'pids', count: 1, errno: 'EAGAIN', rule: 'python.yaml:14:5' },
  ],
  enforced: {
    policy: { name: 'python', generation: 1, digest: DIGEST },
    plan: DIGEST,
    mode: 'enforce',
    proven: true,
    seccomp: { mode: 'filter', digest: DIGEST, instructions: 306 },
    landlock: { status: 'fully', abi: 6, missing: [] },
    namespaces: ['mount', 'pid'],
    cgroup: {
      version: 2,
      limits: { memory: 1 << 28, pids: 64, cpu_quota_us: null, cpu_period_us: null },
      enforced: ['memory'],
      not_enforced: [],
    },
    user: { inside_uid: 0, inside_gid: 0, outside_uid: 1_900_000_001, outside_gid: 1_900_000_001 },
    capabilities_empty: true,
    no_new_privs: true,
    not_dumpable: true,
    id_mapped_mounts: false,
    execution: { number: 1, of: 1 },
    daemon: { version: '0.1.0', uid: 998, embedded: false },
    supervisor: { privileged: true, jobs_run_as: 'slot' },
  },
};

const PEER = { uid: 1201, gid: 1300 };
const TIME = '2026-07-01T12:00:00.000Z';

/** One event of each kind. */
export const EVENTS: readonly AuditEvent[] = [
  {
    kind: 'daemon_started',
    daemon: { version: '0.1.0', pid: 4711, uid: 998, gid: 998 },
    settings: { fsync: 'interval', on_error: 'refuse', max_size: 1 << 26, keep: 15 },
    after: 'nothing',
    torn: null,
  },
  {
    kind: 'policies_loaded',
    generation: 1,
    policies: [{ name: 'python', digest: null }],
    tenants: ['acme'],
    errors: 0,
  },
  JOB,
  { kind: 'refused', tenant: 'acme', peer: PEER, job_id: null, policy: 'wide', mounts: [], error: 'LW_REQUEST_QUOTA' },
  { kind: 'turned_away', peer: { uid: 7, gid: 7 }, error: 'LW_REQUEST_NO_TENANT' },
  { kind: 'refusals', peer: PEER, error: 'LW_REQUEST_QUOTA', count: 40, since: TIME },
  { kind: 'policies_rejected', generation: 1, error: 'LW_POLICY_INVALID', place: 'policies/python.yaml:3:1' },
  {
    kind: 'job_killed',
    job: '1kw74zh10001',
    tenant: 'beta',
    owner: { uid: 1301, gid: 1300 },
    peer: { uid: 0, gid: 0 },
  },
  {
    kind: 'policies_changed',
    peer: { uid: 0, gid: 0 },
    act: 'apply',
    base: 1,
    generation: 2,
    running: null,
    message: 'as agreed',
    error: null,
  },
  { kind: 'log_gap', lost: 3, since: TIME },
  { kind: 'log_rotated', file: 'audit-0000000000000001.ndjson' },
  { kind: 'log_removed', files: ['audit-0000000000000001.ndjson'], through: 4, through_hash: DIGEST },
  { kind: 'daemon_stopped' },
];

export interface SampleLog {
  /** With their newlines. */
  readonly lines: readonly string[];
  readonly head: ChainHead;
}

/** The lines of these events, in a chain that goes on after `head`; a second passes between two of them. */
export function sampleLog(events: readonly AuditEvent[], head: ChainHead = EMPTY_CHAIN): SampleLog {
  let end = head;
  const lines = events.map((event, index) => {
    const [line, next] = linkedLine(end, pendingRecord(event, new Date(Date.parse(TIME) + 1000 * index)));
    end = next;
    return line;
  });
  return { lines, head: end };
}
