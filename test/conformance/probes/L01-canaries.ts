/** One job leaves a token wherever it can; the next one, of the same pool or of another, looks for it. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { JobEnd } from '../../../src/probe/attempts/job-end.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

export const probe: HostProbe = { control: tryIt, run: tryIt };

const TEXT = readFileSync(new URL('L01-canaries.py', import.meta.url), 'utf8');
/** With another plan, so of another pool; both may start processes, which hold what a process can hold. */
const OTHER = { python: 'suite-processes', 'suite-processes': 'python' } as const;
/** Seconds for which children of the first job live, if they can. */
const HOLD = 3;
/** Unconfined, only root may write there, or it is not there at all: the control need not find these. */
const NOT_EVERYWHERE = /^(directory \/run(\/lock)?|XDG_RUNTIME_DIR|working directory|message queue)$/;

let count = 0;

async function tryIt(context: HostContext): Promise<readonly HostAttempt[]> {
  const { confines } = context.variant;
  const found = new Map<string, number>();
  let ways: readonly string[] = [];
  const times = confines ? context.times : 1;
  for (let pair = 0; pair < times; pair++) {
    const token = randomBytes(8).toString('hex');
    const output = () => context.sandbox.place.directory(`jobs/canaries-${count++}`, 0o777);
    // Without a sandbox both are in the same directories; inside, a request that names another's is another matter.
    const [first, second] = confines ? [output(), output()] : [output()].flatMap((one) => [one, one]);
    try {
      ways = listOf(await job(context, context.policy, 'leave', token, first));
      const policy = pair % 2 === 0 ? context.policy : (OTHER[context.policy as keyof typeof OTHER] ?? context.policy);
      for (const way of listOf(await job(context, policy, 'search', token, second)))
        found.set(way, (found.get(way) ?? 0) + 1);
    } finally {
      if (!confines) cleared(token);
    }
  }
  const told = confines ? ways : ways.filter((way) => found.has(way) || !NOT_EVERYWHERE.test(way));
  return told.map((name) => {
    const hits = found.get(name) ?? 0;
    return { name, outcome: hits > 0 ? 'ESCAPED' : 'BLOCKED', detail: `found ${hits} of ${times} times` };
  });
}

function job({ sandbox }: HostContext, policy: string, mode: string, token: string, output = ''): Promise<JobEnd> {
  const folder = sandbox.paths({ output }).output;
  const head = `MODE, TOKEN, FOLDERS, HOLD = ${JSON.stringify(mode)}, "${token}", ${JSON.stringify([folder])}, ${HOLD}`;
  return sandbox.run({ code: `${head}\n${TEXT}`, policy, timeoutSeconds: 20, output });
}

function listOf({ status, stdout, stderr, error }: JobEnd): readonly string[] {
  if (status !== 'ok') throw new Error(`a job: ${status} ${error ?? stderr}`);
  return JSON.parse(stdout) as readonly string[];
}

/** Of the control alone: IPC objects end with the runner's own namespace, files do not. */
function cleared(token: string): void {
  const places = ['/tmp', '/var/tmp', '/dev/shm', '/run', '/run/lock'];
  execFileSync('find', [...places, '-maxdepth', '1', '-name', `*leeward-canary-${token}`, '-delete']);
}
