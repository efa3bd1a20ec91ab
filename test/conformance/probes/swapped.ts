/** A mount's source that is exchanged for a link, over and over, while requests come: for B02 and D23. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostAttempt, HostContext } from '../runner/host-probe.js';

/**
 * `swap`: a directory and a link exchange places by renameat2(RENAME_EXCHANGE), so that there is never nothing. `gap`: the directory
 * is moved away and a link put in its place, and back, so that for a moment there is nothing.
 */
const SWAPS = {
  swap: `
import ctypes, os, sys
libc = ctypes.CDLL(None)
os.symlink(sys.argv[3], sys.argv[2])
one, two = sys.argv[1].encode(), sys.argv[2].encode()
while True:
    libc.renameat2(-100, one, -100, two, 2)
`,
  gap: `
import os, sys
here, aside, forbidden = sys.argv[1:]
while True:
    os.rename(here, aside)
    os.symlink(forbidden, here)
    os.unlink(here)
    os.rename(aside, here)
`,
} as const;

export interface SwappedSource {
  /** Of the attempt. */
  readonly name: string;
  readonly how: keyof typeof SWAPS;
  /** What is exchanged: the source itself, or a directory on the way to it. */
  readonly part: 'the source' | 'its parent';
}

let count = 0;

/** How many times more requests are made until one has met the link. */
const MOST_PATIENCE = 20;

/**
 * Requests `times` mounts of it, or more, until the refusal of a link is among what is seen: a race that one side
 * always wins was none.
 */
export async function trySwapped(
  { sandbox, policy, scratch, variant }: HostContext,
  { name, how, part }: SwappedSource,
  times: number,
): Promise<HostAttempt> {
  const folder = `jobs/swapped-${count++}`;
  const top = sandbox.place.directory(folder, 0o755);
  sandbox.place.directory(`${folder}/job`, 0o755);
  const input = sandbox.place.directory(`${folder}/job/input`, 0o755);
  sandbox.place.file(`${folder}/job/input/file`, 'given');
  chmodSync(scratch, 0o755);
  const forbidden = join(scratch, `forbidden-${count}`);
  mkdirSync(join(forbidden, 'input'), { recursive: true });
  for (const directory of [forbidden, join(forbidden, 'input')]) writeFileSync(join(directory, 'file'), 'forbidden');
  const exchanged = part === 'the source' ? input : join(top, 'job');
  const swapper = spawn('/usr/bin/python3', ['-I', '-c', SWAPS[how], exchanged, join(top, 'aside'), forbidden], {
    stdio: 'ignore',
  });
  const seen = new Map<string, number>();
  try {
    const code = `print(open("${sandbox.paths({ input }).input}/file").read())`;
    const mayEnd = () => !variant.confines || seen.has(REFUSED_LINK);
    for (let index = 0; index < times || (index < times * MOST_PATIENCE && !mayEnd()); index++) {
      const end = await sandbox.run({ code, policy, timeoutSeconds: 20, input });
      const what = end.status === 'ok' ? end.stdout.trim() : (end.error?.split(':')[0] ?? end.status);
      seen.set(what, (seen.get(what) ?? 0) + 1);
      if (what === 'forbidden') break;
    }
  } finally {
    await ended(swapper);
  }
  return judged(name, seen, variant.confines);
}

const REFUSED_LINK = 'LW_REQUEST_MOUNT_SYMLINK';
const REFUSALS = [REFUSED_LINK, 'LW_REQUEST_MOUNT_MISSING'];

function judged(name: string, seen: ReadonlyMap<string, number>, confines: boolean): HostAttempt {
  const detail = [...seen].map(([what, often]) => `${often} x ${what}`).join(', ');
  if (seen.has('forbidden') || !confines)
    return { name, outcome: seen.has('forbidden') ? 'ESCAPED' : 'BROKEN', detail };
  const known = [...seen.keys()].every((what) => what === 'given' || REFUSALS.includes(what));
  return { name, outcome: known && seen.has(REFUSED_LINK) ? 'BLOCKED' : 'BROKEN', detail };
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
