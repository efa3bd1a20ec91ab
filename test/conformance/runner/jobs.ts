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

export async function runSnippet(
  probe: Case,
  policy: string,
  sandbox: Sandbox,
  sandboxed: boolean,
  materials: Materials,
  canaries: Canaries,
): Promise<SnippetRun> {
  const attempts: Attempt[] = [];
  const ends: JobEnd[] = [];
  for (;;) {
    const { input, output } = materials;
    const setup = {
      ...sandbox.paths(materials),
      canary: canaries.names,
      sandboxed,
      children: !sandboxed || probe.children === true,
      skip: attempts.map(({ name }) => name),
      code: materials.code,
    };
    const code = snippetOf(probe, materials.probes, setup);
    const end = await sandbox.run({ code, policy, timeoutSeconds: probe.timeout ?? DEFAULTS.timeout, input, output });
    ends.push(end);
    const report = readReport(end.stdout);
    attempts.push(...report.attempts);
    if (report.done) return { attempts, ends, broken: undefined };
    const left = report.open === undefined ? undefined : seenOfEnd(end);
    if (report.open === undefined || left === undefined || ends.length > MOST_JOBS) {
      return { attempts, ends, broken: `the snippet did not come to its end: ${endText(end, report.rest)}` };
    }
    attempts.push({ ...report.open, seen: left });
  }
}

/** What the kernel says of the attempt in which the job ended; undefined when nothing says why it ended. */
function seenOfEnd({ status, signal }: JobEnd): Seen | undefined {
  if (status === 'timed_out') return { kind: 'value', value: 'did not return' };
  if (signal !== null) return { kind: 'died', signal };
  return undefined;
}

function endText({ status, error, stderr }: JobEnd, rest: string): string {
  return [status, error, stderr.slice(-800), rest.slice(-200)].filter((text) => text).join(': ');
}
