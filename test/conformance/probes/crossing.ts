/**
 * Probes that cross a limit: the same text ends inside as the limit says, by the word of kernel and supervisor, and gets
 * through outside, where it says `through`.
 */

import type { JobEnd } from '../../../src/probe/attempts/job-end.js';
import type { JobResult } from '../../../src/protocol/messages.gen.js';
import type { Connection, ExecuteFields } from '../../harness/connection.js';
import { atMost } from '../../harness/slowness.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

export interface Crossing {
  readonly code: string;
  readonly fields?: ExecuteFields;
  /** Whether the text got through outside. Default: it says so. */
  readonly through?: (end: JobEnd) => boolean;
  /** What is wrong with the end; undefined: the limit held, and the answer names it. */
  readonly wrong: (result: JobResult, context: HostContext) => string | undefined;
}

const saysSo = ({ stdout }: JobEnd): boolean => stdout.includes('through');

/** As a receipt names the limits of control groups. */
type GroupLimit = 'memory' | 'swap' | 'pids' | 'cpu' | 'cpu_time';

/** @param needs limits that the account must have for this; without one the receipt has to say so */
export function crossingProbe(needs: readonly GroupLimit[], crossings: Readonly<Record<string, Crossing>>): HostProbe {
  const control = async ({ sandbox, policy }: HostContext): Promise<readonly HostAttempt[]> => {
    const attempts: HostAttempt[] = [];
    for (const [name, { code, through = saysSo }] of Object.entries(crossings)) {
      const end = await sandbox.run({ code, policy, timeoutSeconds: 60 });
      const { status, stdout, stderr } = end;
      const outcome = through(end) ? 'ESCAPED' : 'BLOCKED';
      attempts.push({ name, outcome, detail: `${status}: ${stdout.slice(0, 100)}${stderr.slice(-200)}` });
    }
    return attempts;
  };
  const run = async (context: HostContext): Promise<readonly HostAttempt[]> => {
    const { daemon } = context.sandbox;
    if (!context.variant.confines || daemon === undefined) return control(context);
    const connection = await daemon.connect();
    try {
      const attempts: HostAttempt[] = [];
      for (const [name, crossing] of Object.entries(crossings)) {
        attempts.push(await crossed(name, crossing, context, connection, needs));
      }
      return attempts;
    } finally {
      connection.close();
    }
  };
  return { control, run };
}

async function crossed(
  name: string,
  { code, fields, wrong }: Crossing,
  context: HostContext,
  connection: Connection,
  needs: readonly GroupLimit[],
): Promise<HostAttempt> {
  const { result, error } = await connection.execute(code, {
    policy: context.policy,
    timeout_secs: atMost(20),
    ...fields,
  });
  if (result === undefined) return withoutResult(name, error?.code, error?.message);
  const { enforced, not_enforced: missing } = result.enforced.cgroup;
  const unlimited = needs.filter((limit) => missing.includes(limit));
  if (unlimited.length > 0)
    return {
      name,
      outcome: 'SKIPPED',
      detail: `the receipt says that this account has no limit on ${unlimited.join()}`,
    };
  const unnamed = needs.filter((limit) => !enforced.includes(limit));
  const problem = unnamed.length > 0 ? `the receipt does not have ${unnamed.join()}` : wrong(result, context);
  const end = `${result.status} ${String(result.stdout).slice(0, 100)}`;
  return {
    name,
    outcome: problem === undefined ? 'BLOCKED' : 'ESCAPED',
    detail: problem === undefined ? end : `${problem}; ${end}`,
  };
}

/** Refused for want of a limit is what the policy says of a host that has none. All else is no answer to the question. */
function withoutResult(name: string, code = 'no answer', message = ''): HostAttempt {
  const isRefused = code === 'LW_SANDBOX_LIMIT_UNAVAILABLE';
  return { name, outcome: isRefused ? 'SKIPPED' : 'BROKEN', detail: `${code}: ${message}` };
}

/** The status, and what goes with it in the answer. */
export function endsAs(status: JobResult['status'], result: JobResult): string | undefined {
  const flags = { timed_out: status === 'timed_out', oom_killed: status === 'oom_killed' };
  if (result.status !== status) return `should end as ${status}: ${result.stderr}`;
  const isFlagged = result.timed_out === flags.timed_out && result.oom_killed === flags.oom_killed;
  return isFlagged ? undefined : `flags do not fit: timed_out ${result.timed_out}, oom_killed ${result.oom_killed}`;
}
