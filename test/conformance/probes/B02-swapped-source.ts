/** The directory that a request mounts is exchanged for a link to another one, over and over, while requests come. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

export const probe: HostProbe = {
  control: (context) => tryIt(context, 200),
  run: (context) => tryIt(context, context.times),
};

let count = 0;
const name = 'a link instead of the directory';

/** renameat2(RENAME_EXCHANGE): there is never nothing. */
const SWAP = `
import ctypes, os, sys
libc = ctypes.CDLL(None)
os.symlink(sys.argv[3], sys.argv[2])
one, two = sys.argv[1].encode(), sys.argv[2].encode()
while True:
    libc.renameat2(-100, one, -100, two, 2)
`;

async function tryIt(
  { sandbox, policy, scratch, variant }: HostContext,
  times: number,
): Promise<readonly HostAttempt[]> {
  const folder = `jobs/swapped-${count++}`;
  const parent = sandbox.place.directory(folder, 0o755);
  const input = sandbox.place.directory(`${folder}/input`, 0o755);
  sandbox.place.file(`${folder}/input/file`, 'given');
  chmodSync(scratch, 0o755);
  const forbidden = join(scratch, 'forbidden');
  mkdirSync(forbidden);
  writeFileSync(join(forbidden, 'file'), 'forbidden');
  const swapper = spawn('/usr/bin/python3', ['-I', '-c', SWAP, input, join(parent, 'other'), forbidden], {
    stdio: 'ignore',
  });
  const seen = new Map<string, number>();
  try {
    const inside = sandbox.paths({ input }).input;
    const code = `print(open("${inside}/file").read())`;
    for (let index = 0; index < times; index++) {
      const end = await sandbox.run({ code, policy, timeoutSeconds: 20, input });
      const what = end.status === 'ok' ? end.stdout.trim() : (end.error?.split(':')[0] ?? end.status);
      seen.set(what, (seen.get(what) ?? 0) + 1);
      if (what === 'forbidden' && !variant.confines) break;
    }
  } finally {
    await ended(swapper);
  }
  const detail = [...seen].map(([what, often]) => `${often} x ${what}`).join(', ');
  if (seen.has('forbidden')) return [{ name, outcome: 'ESCAPED', detail }];
  // A race that only one side ever wins has not been tried.
  const tried = [...seen.keys()].every((what) => ['given', 'LW_REQUEST_MOUNT_SYMLINK'].includes(what));
  return [{ name, outcome: tried && seen.has('LW_REQUEST_MOUNT_SYMLINK') ? 'BLOCKED' : 'BROKEN', detail }];
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
