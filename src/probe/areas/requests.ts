/** Request mounts: directories of this host are mounted as a request may ask for, and the host looks at them afterwards. */
import { lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { placeText } from '../../policy/render/place-text.js';
import type { ProbeContext, ProbeJob } from '../context.js';
import { REQUEST_FILE, type RequestMount, requestAttempts, requestMounts } from '../derive/requests.js';
import type { ProbeResult } from '../result.js';
import { attemptResults, untriedResults } from './attempt-results.js';
import { tryPaths } from './path-jobs.js';

/** All of them in one job. */
export async function probeRequestMounts(context: ProbeContext): Promise<readonly ProbeResult[]> {
  const { compiled, scratch } = context;
  const wanted = requestMounts(compiled);
  if (wanted.length === 0) return [];
  const mounts = wanted.map((mount, index) => hostDirectory(scratch, String(index), mount));
  const derived = mounts.map((mount) => requestAttempts(compiled, mount));
  const attempts = derived.flatMap((one) => one.attempts);
  const untried = untriedResults(
    'paths',
    derived.flatMap((one) => one.untried),
  );
  const run = await tryPaths(attempts, context, requestFields(mounts, scratch));
  const [end] = run.ends;
  if (end?.status === 'refused')
    return untriedResults(
      'paths',
      attempts.map((attempt) => ({ ...attempt, reason: `no job with mounts of ${scratch}: ${end.error}` })),
    );
  return [...attemptResults('paths', attempts, run, context.program), ...untried, ...mounts.map(witnessed)];
}

/**
 * What every request must have under this policy: directories in the place of mounts that it does not let be left out, whose
 * sources only a request can name.
 */
export function requiredFields({ compiled, scratch }: Pick<ProbeContext, 'compiled' | 'scratch'>): Partial<ProbeJob> {
  const required = compiled.plan.jobMounts.filter(({ optional }) => !optional).map(({ target }) => target);
  const wanted = requestMounts(compiled).filter(({ target }) => required.includes(target));
  if (wanted.length === 0) return {};
  return requestFields(
    wanted.map((mount, index) => hostDirectory(scratch, `required-${index}`, mount)),
    scratch,
  );
}

function requestFields(mounts: readonly MountedDirectory[], scratch: string): Partial<ProbeJob> {
  return {
    mounts: mounts.map(({ host, target, writable }) => ({ host, sandbox: target, ro: !writable })),
    allow_paths: [scratch],
  };
}

interface MountedDirectory extends RequestMount {
  readonly host: string;
  /** What was there before. */
  readonly stamp: string;
}

/** With a file to be read, if that is all that it is for. */
function hostDirectory(scratch: string, name: string, mount: RequestMount): MountedDirectory {
  const host = join(scratch, name);
  mkdirSync(host, { mode: 0o755 });
  if (!mount.writable) writeFileSync(join(host, REQUEST_FILE), 'leeward policy probe\n', { mode: 0o644 });
  return { ...mount, host, stamp: stampOf(host) };
}

/** Names, and when each was last changed: nobody can set that back. */
function stampOf(directory: string): string {
  return readdirSync(directory)
    .map((name) => `${name} ${lstatSync(join(directory, name), { bigint: true }).ctimeNs}`)
    .join('\n');
}

/** The host's own look: nothing is changed that is read-only, and what a job writes is there. */
function witnessed({ target, writable, origin, host, stamp }: MountedDirectory): ProbeResult {
  const base = { area: 'paths', name: `the host's side of ${target}`, place: placeText(origin), hint: null } as const;
  if (writable) {
    const isThere = readdirSync(host).includes(REQUEST_FILE);
    const expected = 'a file that a job makes is on the host';
    if (isThere) return { ...base, outcome: 'NO_EFFECT', expected, seen: 'it is there' };
    return { ...base, outcome: 'BROKEN', expected, seen: 'it is not there' };
  }
  const isSame = stampOf(host) === stamp;
  const expected = 'nothing is changed';
  if (isSame) return { ...base, outcome: 'BLOCKED', expected, seen: 'nothing is' };
  return { ...base, outcome: 'ESCAPED', expected, seen: `changed: ${readdirSync(host).join(', ')}` };
}
