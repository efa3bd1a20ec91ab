// Generated from schemas/metrics.json by scripts/gen/metrics.mjs. Do not edit: run `npm run gen`.

/** Every metric of the daemon. A label that has a closed list of values has it here; the list of the others is empty. */
export const METRICS = {
  leeward_executions_total: {
    type: 'counter',
    help: 'Jobs that have ended, however they did.',
    labels: { },
  },
  leeward_executions_failed_total: {
    type: 'counter',
    help: 'Jobs that ended otherwise than by success, by reason.',
    labels: { reason: ['timeout', 'oom', 'error', 'signaled', 'output_limit', 'cpu_limit', 'denied', 'cancelled', 'sandbox_error', 'lost'] },
  },
  leeward_execution_duration_seconds: {
    type: 'summary',
    help: 'How long the code of jobs ran: quantiles of the last ten minutes.',
    labels: { },
    quantiles: [0.5, 0.9, 0.99],
    windowSeconds: 600,
  },
  leeward_execution_seconds: {
    type: 'histogram',
    help: 'How long the code of jobs ran, by policy.',
    labels: { policy: [] },
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
  },
  leeward_queue_seconds: {
    type: 'histogram',
    help: 'How long jobs waited for a place, for their pool to open and for a standby job.',
    labels: { },
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60],
  },
  leeward_cpu_time_seconds_total: {
    type: 'counter',
    help: 'Processor time of all jobs that have ended, by the kernel\'s count.',
    labels: { },
  },
  leeward_jobs_total: {
    type: 'counter',
    help: 'Jobs that have ended, by tenant, policy and status.',
    labels: { tenant: [], policy: [], status: ['ok', 'error', 'signaled', 'timed_out', 'oom_killed', 'output_limit', 'cpu_limit', 'denied', 'cancelled', 'sandbox_error', 'lost'] },
  },
  leeward_job_cpu_seconds_total: {
    type: 'counter',
    help: 'Processor time of jobs that have ended, by tenant and policy.',
    labels: { tenant: [], policy: [] },
  },
  leeward_denials_total: {
    type: 'counter',
    help: 'System calls that jobs were refused, by name.',
    labels: { syscall: [] },
  },
  leeward_limit_denials_total: {
    type: 'counter',
    help: 'Calls of jobs that failed at a limit without ending the job, by limit.',
    labels: { limit: ['pids'] },
  },
  leeward_requests_total: {
    type: 'counter',
    help: 'Requests that have come, of every type.',
    labels: { },
  },
  leeward_requests_refused_total: {
    type: 'counter',
    help: 'Execute requests that were refused before anything ran, by error code.',
    labels: { code: [] },
  },
  leeward_connections_active: {
    type: 'gauge',
    help: 'Connections of clients that are open.',
    labels: { },
  },
  leeward_queue_depth: {
    type: 'gauge',
    help: 'Jobs that wait for a place, of all tenants and policies.',
    labels: { },
  },
  leeward_jobs_running: {
    type: 'gauge',
    help: 'Jobs that have a place, by tenant and policy.',
    labels: { tenant: [], policy: [] },
  },
  leeward_jobs_queued: {
    type: 'gauge',
    help: 'Jobs that wait for a place, by tenant and policy.',
    labels: { tenant: [], policy: [] },
  },
  leeward_job_places: {
    type: 'gauge',
    help: 'Jobs that may run at a time, of all tenants together (`--max-jobs`).',
    labels: { },
  },
  leeward_workers_total: {
    type: 'gauge',
    help: 'Workers by state.',
    labels: { state: ['idle', 'busy', 'recycling'] },
  },
  leeward_standby_workers: {
    type: 'gauge',
    help: 'Workers in standby, by tenant and policy.',
    labels: { tenant: [], policy: [] },
  },
  leeward_worker_recycles_total: {
    type: 'counter',
    help: 'Workers that have run jobs and are no more.',
    labels: { },
  },
  leeward_memory_usage_bytes: {
    type: 'gauge',
    help: 'Memory that the control group of a worker is charged for.',
    labels: { worker: [] },
  },
  leeward_policy_generation: {
    type: 'gauge',
    help: 'Number of the set of policies that is served.',
    labels: { },
  },
  leeward_policy_pinned: {
    type: 'gauge',
    help: '1 while a generation of policies is pinned, so that no change is served, else 0.',
    labels: { },
  },
  leeward_policy_reload_failing: {
    type: 'gauge',
    help: '1 while the policy folders have an error, so that the set before goes on to be served, else 0.',
    labels: { },
  },
  leeward_policy_reload_failures_total: {
    type: 'counter',
    help: 'Sets of policies that could not be loaded; the one before goes on to be served.',
    labels: { },
  },
  leeward_supervisor_up: {
    type: 'gauge',
    help: '1 while there is a supervisor, else 0: then no job can start.',
    labels: { },
  },
  leeward_supervisor_restarts_total: {
    type: 'counter',
    help: 'Supervisors that had to be replaced; the jobs of each were lost.',
    labels: { },
  },
  leeward_landlock_status: {
    type: 'gauge',
    help: 'How much of the Landlock that a policy asks for its last job had: 1 for what holds.',
    labels: { policy: [], status: ['fully', 'partially', 'not_enforced'] },
  },
  leeward_landlock_abi: {
    type: 'gauge',
    help: 'Newest ABI of Landlock that jobs can be confined with; 0: none.',
    labels: { },
  },
  leeward_audit_log_up: {
    type: 'gauge',
    help: '1 while the audit log can be written, else 0.',
    labels: { },
  },
  leeward_build_info: {
    type: 'gauge',
    help: 'Always 1; the version is in the label.',
    labels: { version: [] },
  },
  process_start_time_seconds: {
    type: 'gauge',
    help: 'When the daemon started, in seconds since 1970.',
    labels: { },
  },
  process_cpu_seconds_total: {
    type: 'counter',
    help: 'Processor time of the daemon\'s own process.',
    labels: { },
  },
  process_resident_memory_bytes: {
    type: 'gauge',
    help: 'Memory of the daemon\'s own process that is in RAM.',
    labels: { },
  },
  process_open_fds: {
    type: 'gauge',
    help: 'Descriptors that the daemon\'s own process has open.',
    labels: { },
  },
} as const;
