/** Makes attempts until each is made: one that ends its process is followed by a further job with the rest. */
import type { JobEnd } from './job-end.js';
import { type Attempt, readReport, type Seen } from './seen.js';

export interface AttemptsRun {
  readonly attempts: readonly Attempt[];
  readonly ends: readonly JobEnd[];
  /** Why the report cannot be trusted to be whole; undefined when the text came to its end. */
  readonly broken: string | undefined;
}

/** Attempts that all end their process need a job for each; beyond this something is wrong. */
const MOST_JOBS = 600;

/**
 * @param run starts a job with all attempts but those that were made already, and gives its end
 */
export async function makeAttempts(run: (made: readonly string[]) => Promise<JobEnd>): Promise<AttemptsRun> {
  const attempts: Attempt[] = [];
  const ends: JobEnd[] = [];
  for (;;) {
    const end = await run(attempts.map(({ name }) => name));
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
