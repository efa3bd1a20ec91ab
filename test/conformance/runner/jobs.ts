/** Runs a snippet until every attempt is made: one that ends the process is followed by a further job with the rest. */

import type { Canaries } from './canaries.js';
import type { Case } from './case.js';
import { DEFAULTS } from './case.js';
import type { Materials } from './materials.js';
import type { JobEnd, Sandbox } from './sandbox.js';
import { type Attempt, readReport, type Seen } from './seen.js';
import { snippetOf } from './snippet.js';

export interface SnippetRun {
  readonly attempts: readonly Attempt[];
  readonly ends: readonly JobEnd[];
  /** Why the report cannot be trusted to be whole; undefined when the snippet came to its end. */
  readonly broken: string | undefined;
}

/** A probe whose attempts all end their process needs a job for each; beyond this something is wrong. */
const MOST_JOBS = 600;

/** What a snippet is run with. */
export interface SnippetWork {
  /** Name of the policy. */
  readonly policy: string;
  /** Where the policy's plan mounts something. */
  readonly mounts: readonly string[];
  readonly sandbox: Sandbox;
  readonly sandboxed: boolean;
  readonly materials: Materials;
  readonly canaries: Canaries;
}

export async function runSnippet(probe: Case, work: SnippetWork): Promise<SnippetRun> {
  const { policy, mounts, sandbox, sandboxed, materials, canaries } = work;
  const attempts: Attempt[] = [];
  const ends: JobEnd[] = [];
  const timeoutSeconds = probe.timeout ?? DEFAULTS.timeout;
  for (;;) {
    const { input, output } = materials;
    const setup = {
      ...sandbox.paths(materials),
      canary: canaries.names,
      sandboxed,
      children: !sandboxed || probe.children === true,
      seconds: timeoutSeconds / 2,
      skip: attempts.map(({ name }) => name),
      code: materials.code,
      mounts,
    };
    const code = snippetOf(probe, materials.probes, setup);
    const end = await sandbox.run({ code, policy, timeoutSeconds, input, output });
    ends.push(end);
    const report = readReport(end.stdout);
    attempts.push(...report.attempts);
    if (report.done === 'all') return { attempts, ends, broken: undefined };
    if (report.done === 'some' && report.attempts.length > 0) continue;
    const left = report.open === undefined ? undefined : seenOfEnd(end);
    if (report.open === undefined || left === undefined || ends.length > MOST_JOBS) {
      return { attempts, ends, broken: `the snippet did not come to its end: ${endText(end, report.rest)}` };
    }
    attempts.push({ ...report.open, seen: left });
  }
}

/**
 * What the host says of the attempt in which the job ended; undefined when nothing says why it ended. A SIGKILL counts only as
 * the policy's: the kernel sends it for memory too, and the supervisor for time.
 */
function seenOfEnd({ status, signal }: JobEnd): Seen | undefined {
  if (status === 'timed_out') return { kind: 'value', value: 'did not return' };
  if (status === 'denied' && signal !== null) return { kind: 'died', signal };
  if (status === 'signaled' && signal !== null && signal !== 'SIGKILL') return { kind: 'died', signal };
  return undefined;
}

function endText({ status, error, stderr }: JobEnd, rest: string): string {
  return [status, error, stderr.slice(-800), rest.slice(-200)].filter((text) => text).join(': ');
}
