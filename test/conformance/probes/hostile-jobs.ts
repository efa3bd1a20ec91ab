/**
 * Jobs that attack the worker which runs them, or lie to whoever reads their result. Each is followed by another job, which must find
 * nothing of it. Controls give them to a worker that believes its jobs (`trusting-worker.py`).
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { JobResult } from '../../../src/protocol/messages.gen.js';
import { commandAs, user } from '../../harness/account.js';
import type { Connection, ExecuteFields } from '../../harness/connection.js';
import { atMost } from '../../harness/slowness.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

/** What is known of a job's end; `refused`: an error without a result, whose code is in `error`. */
export type End = Partial<Omit<JobResult, 'status' | 'error'>> & {
  readonly status: JobResult['status'] | 'refused' | 'no answer';
  readonly error?: { readonly name: string; readonly value: string; readonly traceback: string } | null;
};

export interface HostileJob {
  readonly code: string;
  readonly fields?: ExecuteFields;
  /** Whether the answer is right: what the kernel and the supervisor say, whatever the job did. */
  readonly holds: (end: End) => boolean;
  /** The job that follows, and what it must print. */
  readonly next?: { readonly code: string; readonly prints: string };
  /** A trusting worker waits for ever for what only a sandbox refuses. */
  readonly stopsTrusting?: true;
}

const WORKER = readFileSync(new URL('trusting-worker.py', import.meta.url), 'utf8');
const NEXT = { code: 'print(sum(range(10)))', prints: '45\n' };
/** How long a control may take for jobs that come to an end, and for those that have a deadline because they do not. */
const [ENDING_MS, ENDLESS_MS] = [15_000, 700];
const AT_ONCE = 4;
/** A worker's temporary files are its own and go with it: the next control must not find them, nor the machine. */
const OWN_FILES = 'mount -t tmpfs own /tmp && mount -t tmpfs own /dev/shm && cd /tmp && exec "$@"';

export function hostileJobsProbe(jobs: Readonly<Record<string, HostileJob>>): HostProbe {
  const control = (): Promise<readonly HostAttempt[]> => batched(Object.entries(jobs), trusted);
  const run = async (context: HostContext): Promise<readonly HostAttempt[]> => {
    const { daemon } = context.sandbox;
    if (!context.variant.confines || daemon === undefined) return control();
    const connection = await daemon.connect();
    try {
      return await batched(Object.entries(jobs), ([name, job]) => tried(name, job, connection, context.policy));
    } finally {
      connection.close();
    }
  };
  return { control, controlIsSameForAll: true, run };
}

async function tried(name: string, job: HostileJob, connection: Connection, policy: string): Promise<HostAttempt> {
  const fields = { policy, timeout_secs: atMost(10), ...job.fields };
  const answer = await connection.execute(job.code, fields);
  const refused = { status: 'refused', error: { name: answer.error?.code ?? '', value: '', traceback: '' } } as const;
  const { code, prints } = job.next ?? NEXT;
  const next = await connection.run(code, { policy });
  return judged(name, job, answer.result ?? refused, next.status === 'ok' && next.stdout === prints, next);
}

function judged(name: string, job: HostileJob, end: End, nextHolds: boolean, next: End | undefined): HostAttempt {
  const outcome = job.holds(end) && nextHolds ? 'BLOCKED' : 'ESCAPED';
  return { name, outcome, detail: nextHolds ? inShort(end) : `${inShort(end)}; the next job: ${inShort(next)}` };
}

function inShort(end: End | undefined): string {
  if (end === undefined) return 'no answer';
  const { status, exit_code, signal, stdout, stderr, error } = end;
  const texts = [stdout, stderr].map((text) =>
    typeof text === 'string' ? text.slice(0, 80) : `${text?.length} bytes`,
  );
  return JSON.stringify({ status, exit_code, signal, texts, error: [error?.name, error?.value?.slice(0, 80)] });
}

async function trusted([name, job]: readonly [string, HostileJob]): Promise<HostAttempt> {
  const { code, prints } = job.next ?? NEXT;
  const isEndless = job.stopsTrusting === true || job.fields?.timeout_secs !== undefined;
  const patience = isEndless ? ENDLESS_MS : ENDING_MS;
  const lines = (await answersOf([job.code, code], patience)).split('\n').flatMap(parsedEnd);
  const [first = { status: 'no answer' } as End, second] = lines;
  return judged(name, job, first, second?.status === 'ok' && second.stdout === prints, second);
}

/** A line of a trusting worker's answer; nothing for any other. */
export function parsedEnd(line: string): readonly End[] {
  if (!line.startsWith('{')) return []; // among millions of lines, which it would take long to refuse one by one
  try {
    return [JSON.parse(line) as End];
  } catch {
    return [];
  }
}

/** Answers of a trusting worker. As an ordinary user: what these jobs do is meant to harm. */
export function answersOf(codes: readonly string[], patienceMs = ENDING_MS): Promise<string> {
  const worker = commandAs(user, ['/usr/bin/python3', '-I', '-c', WORKER]);
  const args = ['--mount', 'sh', '-c', OWN_FILES, 'sh', ...worker];
  const child = spawn('unshare', args, {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => undefined).end(codes.map((code) => JSON.stringify(code)).join('\n'));
  let answers = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    answers += text;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    // Not its end of the pipe: what it has started may keep that open.
    child.once('exit', () =>
      setImmediate(() => {
        clearTimeout(timer);
        child.stdout.destroy();
        resolve(answers);
      }),
    );
  });
}

/** A few at a time, in order. */
export async function batched<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<readonly R[]> {
  const done: R[] = [];
  for (let at = 0; at < all.length; at += AT_ONCE) {
    done.push(...(await Promise.all(all.slice(at, at + AT_ONCE).map(work))));
  }
  return done;
}

/** How a job may end that is its own. */
export function isOwnEnd({ status }: End): boolean {
  return status === 'ok' || status === 'error' || status === 'signaled';
}
