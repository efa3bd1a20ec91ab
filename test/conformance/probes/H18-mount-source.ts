/** Sources of mounts that are not beneath what was allowed, or not what they seem to be. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from '../../harness/place.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

export const probe: HostProbe = { control, run };

let count = 0;

/** Of `unshare`: mounts one path on another in a mount namespace, and prints what lies there then. */
const MOUNT = ['--mount', 'sh', '-c', 'mount --bind "$1" "$2" && stat -c %d:%i "$2"', 'sh'];

function sourcesIn(place: Place): Readonly<Record<string, string>> {
  const name = `source-${count++}`;
  const job = place.directory(`jobs/${name}`, 0o755);
  place.directory(`jobs-${name}`, 0o755);
  place.directory(`jobs/${name}/directory`, 0o755);
  place.file(`jobs/${name}/file`, 'x');
  symlinkSync('/', join(job, 'root'));
  symlinkSync('/etc', join(job, 'etc'));
  symlinkSync(join(place.root, `jobs-${name}`), join(job, 'twin'));
  symlinkSync('/proc/self/root', join(job, 'magic'));
  execFileSync('mkfifo', [join(job, 'fifo')]);
  // Of somebody else; where all run as one user, the mode alone keeps it closed.
  if (process.getuid?.() === 0) place.directory(`jobs/${name}/closed`, 0o700, { uid: 54321, gid: 54321 });
  else chmodSync(place.directory(`jobs/${name}/closed`, 0o700), 0);
  return {
    root: '/',
    etc: '/etc',
    'the process root': '/proc/self/root',
    'the root of init': '/proc/1/root/etc',
    'the working directory': '/proc/self/cwd',
    'a twin of the name': join(place.root, `jobs-${name}`),
    'the state of the daemon': place.state,
    climbing: `${job}/../../state`,
    'a link to the root': join(job, 'root'),
    'a link to etc': join(job, 'etc'),
    'a link to a twin': join(job, 'twin'),
    'beneath a link': join(job, 'root/etc'),
    'a magic link': join(job, 'magic'),
    'a FIFO': join(job, 'fifo'),
    ...(place.account.uid === 0 ? {} : { 'not of the peer': join(job, 'closed') }),
  };
}

/** Whoever mounts what the path says gets it. */
async function control({ sandbox, scratch }: HostContext): Promise<readonly HostAttempt[]> {
  const [directory, file] = [join(scratch, 'directory'), join(scratch, 'file')];
  mkdirSync(directory);
  writeFileSync(file, '');
  return Object.entries(sourcesIn(sandbox.place)).map(([name, path]) => {
    const stats = statSync(path);
    const got = execFileSync('unshare', [...MOUNT, path, stats.isDirectory() ? directory : file]).toString();
    return {
      name,
      outcome: got === `${stats.dev}:${stats.ino}\n` ? 'ESCAPED' : 'BROKEN',
      detail: `${path}: mounted ${got.trim()}`,
    };
  });
}

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  const { daemon } = context.sandbox;
  if (!context.variant.confines || daemon === undefined) return control(context);
  const connection = await daemon.connect();
  const attempts: HostAttempt[] = [];
  for (const [name, host] of Object.entries(sourcesIn(daemon.place))) {
    const { status, error } = await context.sandbox.run({
      code: 'import os; print(os.listdir("/input"))',
      policy: context.policy,
      timeoutSeconds: 10,
      input: host,
    });
    const known = /^LW_(REQUEST_MOUNT_|PROTO_BAD_FIELD)/.test(error ?? '');
    const outcome = status !== 'refused' ? 'ESCAPED' : known ? 'BLOCKED' : 'BROKEN';
    attempts.push({ name, outcome, detail: `${status} ${error}` });
  }
  connection.close();
  return attempts;
}
