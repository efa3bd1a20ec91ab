/** One job fills its memory with a pattern; the next one looks for it in all memory that it can get. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import { answersOf, parsedEnd } from './hostile-jobs.js';

export const probe: HostProbe = { control, run };

const TEXT = readFileSync(new URL('L02-scan.py', import.meta.url), 'utf8');
const name = 'memory of the job before';
/** Copies that the second job itself holds, to compare with. The first one makes millions. */
const OWN = 16;

const codeOf = (mode: string, pattern: string, mebibytes: number): string =>
  `MODE, HIDDEN, SIZE = "${mode}", "${pattern}", ${mebibytes}\n${TEXT}`;

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  if (!context.variant.confines) return control();
  const { sandbox, policy, times } = context;
  const counts: number[] = [];
  for (let turn = 0; turn < times; turn++) {
    const pattern = randomBytes(16).toString('hex');
    for (const mode of ['fill', 'scan']) {
      const end = await sandbox.run({ code: codeOf(mode, pattern, 256), policy, timeoutSeconds: 60 });
      if (end.status !== 'ok') throw new Error(`${mode}: ${end.status} ${end.error ?? end.stderr}`);
      if (mode === 'scan') counts.push(Number(end.stdout));
    }
  }
  return [judged(counts)];
}

/** Both in one interpreter, which is what a pool of reused workers has. */
async function control(): Promise<readonly HostAttempt[]> {
  const pattern = randomBytes(16).toString('hex');
  const answers = await answersOf([codeOf('fill', pattern, 64), codeOf('scan', pattern, 64)]);
  const [, second] = answers.split('\n').flatMap(parsedEnd);
  return [judged([Number(second?.stdout ?? Number.NaN)])];
}

function judged(counts: readonly number[]): HostAttempt {
  const most = Math.max(...counts);
  const outcome = Number.isNaN(most) ? 'BROKEN' : most > OWN ? 'ESCAPED' : 'BLOCKED';
  return { name, outcome, detail: `found ${most} times, of ${counts.length} tries the worst` };
}
