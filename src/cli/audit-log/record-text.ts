import type { AuditRecord } from '../../audit-log/record.js';
import type { AuditEvent, JobEvent, Peer, RefusedCall } from '../../audit-log/records.gen.js';
import { plural } from '../terminal/plural.js';
import { printable } from '../terminal/printable.js';
import type { Style } from '../terminal/style.js';
import { formatMicroseconds, formatSize } from '../units.js';

/** A record as one line for people: when, which, what. */
export function recordText(record: AuditRecord, style: Style): string {
  const { time, sequence, kind } = record;
  const words = [time, `#${sequence}`, kind].map((word) => printable(String(word))).join(' ');
  return [style.dim(words), printable(describeEvent(record))].join(' ').trimEnd();
}

function describeEvent(event: AuditEvent): string {
  switch (event.kind) {
    case 'job':
      return describeJob(event);
    case 'refused':
      return [
        who(event.tenant, event.peer),
        event.policy,
        event.error,
        named('job', event.job ?? null),
        named('job_id', event.job_id),
      ]
        .filter(Boolean)
        .join(' ');
    case 'turned_away':
      return `${who(null, event.peer)} ${event.error}`;
    case 'refusals':
      return `${event.peer === null ? 'several users' : who(null, event.peer)} ${event.error} x${event.count} since ${event.since}`;
    default:
      return describeAct(event);
  }
}

/** What the daemon itself did. */
function describeAct(
  event: Exclude<AuditEvent, { readonly kind: 'job' | 'refused' | 'turned_away' | 'refusals' }>,
): string {
  switch (event.kind) {
    case 'daemon_started': {
      const { daemon, after, torn } = event;
      const rest = torn === null ? '' : `, ${plural(torn.bytes, 'byte')} of half a record put into ${torn.file}`;
      return `version ${daemon.version} pid ${daemon.pid} uid ${daemon.uid}, after ${after}${rest}`;
    }
    case 'policies_loaded': {
      const { generation, policies, tenants, errors } = event;
      return `generation ${generation}: ${plural(policies.length, 'policy').replace(/ys$/, 'ies')}, ${plural(tenants.length, 'tenant')}, ${plural(errors, 'error')}`;
    }
    case 'policies_rejected':
      return [`generation ${event.generation} goes on: ${event.error}`, event.place].filter(Boolean).join(' ');
    case 'job_killed':
      return `${event.job} of ${who(event.tenant, event.owner)}, by ${who(null, event.peer)}`;
    case 'policies_changed': {
      const { act, peer, base, generation, error, message } = event;
      const end = error ?? (generation === null ? `generation ${base} goes on` : `generation ${generation} serves`);
      return [`${act} by ${who(null, peer)}: ${end}`, message].filter(Boolean).join(', ');
    }
    case 'log_rotated':
      return event.file;
    case 'log_removed':
      return `${plural(event.files.length, 'file')}, through #${event.through}`;
    case 'log_gap':
      return `${plural(event.lost, 'record')} lost since ${event.since}`;
    default:
      return '';
  }
}

function describeJob(job: JobEvent): string {
  const { tenant, peer, policy, status, error, duration_ms, memory_peak } = job;
  const how = [
    status.replaceAll('_', ' '),
    status === 'error' ? named('exit', job.exit_code) : undefined,
    status === 'signaled' ? named('signal', job.signal) : undefined,
    error,
    duration_ms === null ? undefined : formatMicroseconds(duration_ms * 1000),
    memory_peak === null ? undefined : `peak ${formatSize(memory_peak)}`,
    named('job', job.job ?? null),
    named('job_id', job.job_id),
    job.denials.length === 0 ? undefined : `denied ${job.denials.map(callText).join(' ')}`,
  ];
  return [who(tenant, peer), policy.name, ...how].filter(Boolean).join(' ');
}

function callText({ syscall, nr, limit, count }: RefusedCall): string {
  return `${syscall ?? limit ?? nr} x${count}`;
}

function who(tenant: string | null, { uid }: Peer): string {
  return tenant === null ? `uid ${uid}` : `${tenant} uid ${uid}`;
}

function named(name: string, value: string | number | null): string | undefined {
  return value === null ? undefined : `${name} ${value}`;
}
