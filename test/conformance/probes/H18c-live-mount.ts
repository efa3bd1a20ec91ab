/** A mount source beneath which the host has mounted something since the pool was made: before the request, and while requests come. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JobEnd } from '../../../src/probe/attempts/job-end.js';
import { eventually } from '../../harness/wait.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import type { Sandbox } from '../runner/sandbox.js';
import type { DaemonSandbox } from '../runner/shipped.js';
import { inMountsOf, mountThere, sandboxOnSharedMounts } from './shared-mounts.js';

export const probe: HostProbe = { control, run };

const MOUNTED = 'of the volume';
const HIDDEN = 'beneath the volume';
const VOLUME = 'the volume is seen';
const COVERED = 'what the volume hides is seen';
const FLAPPING = 'a volume that comes and goes is seen';
let count = 0;

const CODE = `
import os
for folder, _, names in os.walk("/input"):
    for name in names: print(os.path.join(folder, name), open(os.path.join(folder, name)).read())
`;

/** A directory with something beneath it. */
function sourceIn({ place }: Sandbox): string {
  const folder = `jobs/live-${count++}`;
  const path = place.directory(folder, 0o755);
  place.directory(`${folder}/below`, 0o755);
  place.file(`${folder}/below/hidden`, HIDDEN);
  return path;
}

const MOUNT = `mount -t tmpfs none "$1/below"; printf '${MOUNTED}' >"$1/below/seen"; chmod 644 "$1/below/seen"`;
const UNMOUNT = 'umount -l "$1/below"';
/** Until the file is there. Lazily: the supervisor may just be looking at the volume. */
const FLAP = `until [ -e "$1/stop" ]; do ${MOUNT}; touch "$1/turned"; ${UNMOUNT}; done`;

async function whileMounted<T>(sandbox: DaemonSandbox | undefined, source: string, body: () => Promise<T>): Promise<T> {
  mountThere(sandbox, MOUNT, source);
  try {
    return await body();
  } finally {
    mountThere(sandbox, UNMOUNT, source);
  }
}

async function whileFlapping<T>(
  sandbox: DaemonSandbox | undefined,
  source: string,
  body: () => Promise<T>,
): Promise<T> {
  const flapping = spawn('nsenter', inMountsOf(sandbox, FLAP, source), { stdio: 'ignore' });
  const ended = new Promise<number | null>((resolve) => flapping.once('close', resolve));
  let code: number | null = null;
  let result: T;
  try {
    await eventually('the volume comes and goes', 20_000, () => existsSync(join(source, 'turned')));
    result = await body();
  } finally {
    writeFileSync(join(source, 'stop'), '');
    code = await ended;
  }
  if (code !== 0) throw new Error(`mounting and unmounting ended with ${code}`);
  return result;
}

/** A recursive bind mount takes the volume with it, one that is not recursive shows what it hides. */
async function control({ sandbox, scratch }: HostContext): Promise<readonly HostAttempt[]> {
  const source = sourceIn(sandbox);
  const target = join(scratch, 'target');
  mkdirSync(target);
  const bound = (how: string): string => {
    const script = `mount --${how} "$1" "$2"; cat "$2"/below/*; umount -R "$2"`;
    return execFileSync('unshare', ['--mount', 'sh', '-c', script, 'sh', source, target]).toString();
  };
  const attempt = (name: string, seen: string, wanted: string): HostAttempt => {
    return { name, outcome: seen.includes(wanted) ? 'ESCAPED' : 'BROKEN', detail: seen };
  };
  const standing = await whileMounted(undefined, source, async () => [
    attempt(VOLUME, bound('rbind'), MOUNTED),
    attempt(COVERED, bound('bind'), HIDDEN),
  ]);
  const raced = await whileFlapping(undefined, source, async () => {
    let seen = '';
    await eventually('the volume is seen', 20_000, () => {
      seen = bound('rbind');
      return seen.includes(MOUNTED);
    });
    return attempt(FLAPPING, seen, MOUNTED);
  });
  return [...standing, raced];
}

const refused = ({ status, error }: JobEnd): boolean => status === 'refused' && /^LW_REQUEST_MOUNT_/.test(error ?? '');
const told = ({ status, error, stdout }: JobEnd): string => `${status} ${error ?? stdout}`.trim();

/** With the volume in place nothing runs at all. */
function judgeStanding(name: string, end: JobEnd, wanted: string): HostAttempt {
  const outcome = end.stdout.includes(wanted) ? 'ESCAPED' : refused(end) ? 'BLOCKED' : 'BROKEN';
  return { name, outcome, detail: told(end) };
}

/** A request that came when there was no volume ran; it has the directory as it was, whatever came later. */
function judgeFlapping(ends: readonly JobEnd[]): HostAttempt {
  const seen = ends.find(({ stdout }) => stdout.includes(MOUNTED));
  const strange = ends.find((end) => !refused(end) && !(end.status === 'ok' && end.stdout.includes(HIDDEN)));
  const outcome = seen ? 'ESCAPED' : strange ? 'BROKEN' : 'BLOCKED';
  const count = ends.filter(refused).length;
  const detail = told(seen ?? strange ?? ends[0] ?? ({} as JobEnd));
  return { name: FLAPPING, outcome, detail: `${count} of ${ends.length} refused; ${detail}` };
}

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  const { policy, variant, times } = context;
  if (!variant.confines || context.sandbox.daemon === undefined) return control(context);
  const sandbox = await sandboxOnSharedMounts(context);
  const source = sourceIn(sandbox);
  const job = { code: CODE, policy, timeoutSeconds: 20, input: source };
  const standing = await whileMounted(sandbox, source, () => sandbox.run(job));
  const flapping = await whileFlapping(sandbox, source, async () => {
    const ends: JobEnd[] = [];
    for (let i = 0; i < times; i++) ends.push(await sandbox.run(job));
    return ends;
  });
  return [judgeStanding(VOLUME, standing, MOUNTED), judgeStanding(COVERED, standing, HIDDEN), judgeFlapping(flapping)];
}
