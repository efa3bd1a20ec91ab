import type { Denial, JobResult, Receipt } from '../../protocol/messages.gen.js';
import { plural } from '../terminal/plural.js';
import { printable } from '../terminal/printable.js';
import type { Style } from '../terminal/style.js';
import { formatMicroseconds, formatSize } from '../units.js';

/** At most two lines about what the policy refused, or would refuse without audit mode; `--json` has all of it. */
export function denialNotes(denials: readonly Denial[], style: Style): string[] {
  const [first, second, ...others] = denials;
  if (first === undefined) return [];
  const rest = second === undefined ? [] : others.length === 0 ? [denialNote(second)] : [summary([second, ...others])];
  const word = denials.every(isLetThrough) ? 'audit:' : 'denied';
  return [denialNote(first), ...rest].map((line) => `leeward: ${style.yellow(word)} ${printable(line)}`);
}

/** What kills a job has no errno either, but a rule. */
function isLetThrough({ errno, rule }: Denial): boolean {
  return errno === null && rule === null;
}

function denialNote(denial: Denial): string {
  const { count, errno } = denial;
  const times = count > 1 ? ` ${count} times` : '';
  return `${nameOf(denial)}${times}${errno === null ? '' : ` (${errno})`}: ${reasonOf(denial)}`;
}

/** The daemon's hint names the rule where one decided; without a hint the rule stands alone. */
function reasonOf({ rule, hint }: Denial): string {
  if (hint === null) return rule ?? 'no rule allows it';
  return rule === null || hint.includes(rule) ? hint : `${rule}; ${hint}`;
}

function summary(denials: readonly Denial[]): string {
  const shown = denials.slice(0, 6).map((denial) => `${nameOf(denial)} ${denial.count}`);
  const more = denials.length > shown.length ? ` and ${denials.length - shown.length} more` : '';
  return `also ${shown.join(', ')}${more} (--json has the rules)`;
}

function nameOf({ syscall, nr, limit }: Pick<Denial, 'syscall' | 'nr' | 'limit'>): string {
  if (limit !== undefined) return `limit of ${limit}`;
  return syscall ?? `system call ${nr}`;
}

/** One line: how it ended, how long it took, and what held it. */
export function receiptNote(result: JobResult, via: string, style: Style): string {
  const parts = [
    ending(result),
    ...(result.timing.run_us === null ? [] : [`ran ${formatMicroseconds(result.timing.run_us)}`]),
    ...(result.memory_peak === null ? [] : [`peak ${formatSize(result.memory_peak)}`]),
    ...enforcementParts(result.enforced),
    via,
  ];
  return style.dim(`leeward: ${printable(parts.join(' · '))}`);
}

function ending({ status, exit_code, signal }: JobResult): string {
  if (status === 'error') return `exit ${exit_code}`;
  return status === 'signaled' ? `signal ${signal}` : status.replaceAll('_', ' ');
}

function enforcementParts({ policy, seccomp, landlock, namespaces, cgroup, user, ...rest }: Receipt): string[] {
  const missing = cgroup.not_enforced;
  return [
    `${policy.name}${rest.mode === 'audit' ? ' (audit mode)' : ''}`,
    seccomp.mode === 'filter' ? `seccomp ${seccomp.instructions}` : 'no seccomp',
    landlock.status === 'not_enforced' ? 'no landlock' : `landlock abi ${landlock.abi} ${landlock.status}`,
    plural(namespaces.length, 'namespace'),
    ...(cgroup.version === 0 ? [] : [`cgroup v${cgroup.version}`]),
    ...(missing.length === 0 ? [] : [`not enforced: ${missing.join(', ')}`]),
    ...(rest.capabilities_empty ? ['no capabilities'] : []),
    `uid ${user.inside_uid} = ${user.outside_uid}`,
  ];
}
