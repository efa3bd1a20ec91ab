/** All programs that make a sandbox, before and after jobs that try to change them. */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { testHost } from '../../harness/host.js';
import { pythonOf } from '../../harness/runtimes.js';
import { entryOf, fingerprint, stampOf } from '../runner/fingerprint.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

export const probe: HostProbe = { control, run };

const TEXT = readFileSync(new URL('N10-overwrite.py', import.meta.url), 'utf8');
const PYTHON = realpathSync('/usr/bin/python3');

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  if (!context.variant.confines) return control(context);
  const { sandbox, policy } = context;
  const before = programs();
  const ends: string[] = [];
  for (const code of [`TARGETS = []\n${TEXT}`, 'print("1 file")']) {
    const { status, stdout, error } = await sandbox.run({ code, policy, timeoutSeconds: 30 });
    ends.push(error ?? `${status}, ${stdout.trim()}`);
  }
  if (!ends.every((end) => /^ok, \d+ files?$/.test(end))) throw new Error(`the jobs: ${ends.join('; ')}`);
  const after = programs();
  return [...before].map(([name, was]) => {
    const isSame = after.get(name) === was;
    return { name, outcome: isSame ? 'BLOCKED' : 'ESCAPED', detail: isSame ? `as before: ${ends[0]}` : 'changed' };
  });
}

/** Contents of what runs outside of a sandbox, and the state of the many files that are only read. */
function programs(): ReadonlyMap<string, string> {
  const { installation, builtState } = testHost();
  const packages = dirname(pythonOf({ installation, builtState, scratch: '' }, 'python-data'));
  return new Map([
    ['node', entryOf(realpathSync(installation.node))],
    ['the native programs and the addon', fingerprint(join(installation.root, 'native/build'))],
    ['the daemon', fingerprint(join(installation.root, 'dist'))],
    ['the interpreter', entryOf(PYTHON)],
    ['its libraries', stampsBeneath(join('/usr/lib', PYTHON.slice(PYTHON.lastIndexOf('/') + 1)))],
    ['the built runtime', stampsBeneath(join(packages, '..'))],
  ]);
}

function stampsBeneath(directory: string): string {
  const names = readdirSync(directory, { recursive: true }).map(String).sort();
  return names.map((name) => `${name} ${stampOf(join(directory, name))}`).join('\n');
}

/** The same text against a copy of the interpreter, which is the account's own. */
async function control({ sandbox, policy }: HostContext): Promise<readonly HostAttempt[]> {
  const folder = `jobs/programs-${randomBytes(4).toString('hex')}`;
  const directory = sandbox.place.directory(folder, 0o755);
  const copy = sandbox.place.file(`${folder}/python3`, readFileSync(PYTHON), 0o755);
  const before = fingerprint(directory);
  await sandbox.run({ code: `TARGETS = [${JSON.stringify(copy)}]\n${TEXT}`, policy, timeoutSeconds: 30 });
  const isSame = fingerprint(directory) === before;
  return [{ name: 'a copy', outcome: isSame ? 'BLOCKED' : 'ESCAPED', detail: isSame ? 'as before' : 'changed' }];
}
