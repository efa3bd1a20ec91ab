import type { StatusResult } from '../protocol/messages.gen.js';
import { printable } from './terminal/printable.js';
import type { Style } from './terminal/style.js';
import { table } from './terminal/table.js';
import { formatMicroseconds } from './units.js';

/** The state of a daemon for people. */
export function statusText(status: StatusResult, style: Style): string[] {
  const { policies, policy_errors, reload_error, pools, tenants, jobs } = status;
  const errors =
    reload_error === null ? policy_errors : [...reloadLines(reload_error, status.policy_source), ...policy_errors];
  return [
    ...headLines(status),
    ...auditLogLines(status, style),
    ...pinLines(status.policy_source?.pinned).map((line) => style.yellow(line)),
    ...historyLines(status.policy_source).map((line) => style.red(line)),
    ...errors.flatMap((error) => error.split('\n').map((line) => style.red(printable(line)))),
    '',
    ...table(
      ['policy', 'runtime', 'description'],
      policies.map(({ name, runtime, description }) => [name, runtime, description]),
    ),
    '',
    ...(pools.length === 0 ? ['no pool is open'] : poolTable(pools)),
    ...(tenants.length === 0 ? [] : ['', ...tenantTable(tenants)]),
    ...tenants.flatMap(tenantErrors).map((line) => style.red(line)),
    `jobs: ${jobs.running} running, ${jobs.queued} queued${endedText(jobs.ended)}`,
  ];
}

function reloadLines(
  { at, message }: NonNullable<StatusResult['reload_error']>,
  source: StatusResult['policy_source'] | undefined,
): string[] {
  const what = source?.kind === 'store' ? 'What is in the store has' : 'The policy folders have';
  return [`${what} an error since ${at}; what was served before is still served.`, message];
}

function headLines({ daemon, supervisor, connections, policy_source }: StatusResult): string[] {
  const clients = connections === null ? '' : `, ${connections} connections`;
  const kind = supervisor.privileged === null ? '' : supervisor.privileged ? ', root service' : ', unprivileged';
  const limits = supervisor.limits_available.join(', ') || `none (${supervisor.cgroup_reason ?? 'unknown reason'})`;
  const uptime = formatMicroseconds(daemon.uptime_ms * 1000);
  return [
    `daemon      ${daemon.version}, pid ${daemon.pid}, uid ${daemon.uid}, up ${uptime}${clients}`,
    `socket      ${daemon.socket ?? 'passed by its keeper'}`,
    `state       ${daemon.state_directory}`,
    `policies    generation ${daemon.generation}, loaded ${daemon.loaded_at}${sourceText(policy_source)}`,
    `supervisor  ${supervisor.state}${kind}, ${supervisor.restarts} restarts, landlock ABI ${supervisor.landlock_abi ?? 'unknown'}`,
    `limits      ${limits}${cgroupText(supervisor)}`,
  ].map(printable);
}

/** Folders are what everybody expects; a daemon of an older version says nothing of it. */
function sourceText(source: StatusResult['policy_source'] | undefined): string {
  return source?.kind === 'store' ? ', from the store (`leeward policy apply`)' : '';
}

/** Nothing of a daemon that is older, and for a tenant. */
function auditLogLines({ audit_log, connections }: StatusResult, style: Style): string[] {
  if (audit_log === undefined || connections === null) return [];
  if (audit_log === null) return ['audit log   none'];
  const { path, sequence, written_at, problem, since, refuses_jobs } = audit_log;
  if (problem === null)
    return [printable(`audit log   ${path}, record ${sequence}, written ${written_at ?? 'not yet'}`)];
  const meanwhile = refuses_jobs ? 'no job is accepted' : 'jobs go on without';
  const lines = [
    `audit log   ${path}, record ${sequence}`,
    `            not written since ${since}, ${meanwhile}: ${problem}`,
  ];
  return lines.map((line) => style.red(printable(line)));
}

/** What everybody who wonders why a change does not come has to see. */
function pinLines(pinned: StatusResult['policy_source']['pinned'] | undefined): string[] {
  if (!pinned) return [];
  const { generation, time, author, message, waiting } = pinned;
  const why = message === null ? '' : `: ${message}`;
  const rest = waiting ? 'Other policies wait.' : 'Nothing waits.';
  return [
    `PINNED: generation ${generation} serves whatever changes, since ${time}, by ${author.name ?? `uid ${author.uid}`}${why}`,
    `${rest} \`leeward policy unpin\` ends it.`,
  ].map(printable);
}

/** Nothing of a daemon that is older. */
function historyLines(source: Partial<StatusResult['policy_source']> | undefined): string[] {
  return (source?.history_problems ?? []).map((problem) => printable(`history     ${problem}`));
}

/** Version 0 is a supervisor without a control group. */
function cgroupText({ cgroup_version, cgroup_base }: StatusResult['supervisor']): string {
  return cgroup_version ? `, cgroup v${cgroup_version} ${cgroup_base ?? ''}`.trimEnd() : '';
}

function poolTable(pools: StatusResult['pools']): string[] {
  const rows = pools.map(({ tenant, policy, state, running, queued, standby, max }) => [
    policy,
    tenant,
    state,
    ...[running, queued, standby, max].map(String),
  ]);
  return table(['pool', 'tenant', 'state', 'running', 'queued', 'standby', 'max'], rows);
}

/** What a tenant has and may have: `3/8` of eight at a time. */
function tenantTable(tenants: StatusResult['tenants']): string[] {
  const of = (used: number, quota: number | null) => (quota === null ? String(used) : `${used}/${quota}`);
  const rows = tenants.map(({ name, running, queued, cpu_seconds_today, quota }) => [
    name,
    of(running, quota.concurrent),
    of(queued, quota.queue),
    of(cpu_seconds_today, quota.cpu_seconds_per_day),
    quota.per_second === null ? '-' : String(quota.per_second),
    String(quota.weight),
  ]);
  return table(['tenant', 'running', 'queued', 'cpu s today', 'per second', 'weight'], rows);
}

/** Nothing of a daemon that is older. */
function tenantErrors({ name, policy_errors = [] }: StatusResult['tenants'][number]): string[] {
  return policy_errors.map((error) => printable(`tenant ${name} may not use a policy: ${error}`));
}

function endedText(ended: Readonly<Record<string, number>>): string {
  const parts = Object.entries(ended).map(([status, count]) => `${count} ${status.replaceAll('_', ' ')}`);
  return parts.length === 0 ? '' : `; ended: ${parts.join(', ')}`;
}
