/** Daemons that lack something at their start or later: they say what, or work; and work once it is there again. */
import { execFileSync } from 'node:child_process';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Account } from '../../harness/account.js';
import { TestDaemon } from '../../harness/daemon.js';
import { testHost } from '../../harness/host.js';
import { Place } from '../../harness/place.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

export const probe: HostProbe = { control, run };

/** What is wanting: made before the start or after it, and undone. */
interface Want {
  readonly make: (state: string) => void;
  readonly undo: (state: string) => void;
}

const OTHER_POLICY = 'suite-strict';
/** An audit log keeps its file system from being made read-only; what becomes of it in want is tried by audit-log.test.ts. */
const WITHOUT_LOG = ['--no-audit-log'];
const FILL = 'fill';
const undone = (state: string): void => rmSync(join(state, FILL), { force: true, recursive: true });
const WANTS: Readonly<Record<string, Want>> = {
  'a state directory without space': {
    make: (state) => tried(() => writeFileSync(join(state, FILL), Buffer.alloc(1 << 20))),
    undo: undone,
  },
  'a state directory without inodes': {
    make: (state) => {
      execFileSync('mkdir', [join(state, FILL)]);
      tried(() => Array.from({ length: 1000 }, (_, index) => writeFileSync(join(state, FILL, String(index)), '')));
    },
    undo: undone,
  },
  'a state directory that is read-only': {
    make: (state) => execFileSync('mount', ['-o', 'remount,ro', state]),
    undo: (state) => execFileSync('mount', ['-o', 'remount,rw', state]),
  },
};

/** Limits of the process that is started, which has them to its end. */
const LIMITS: Readonly<Record<string, string>> = {
  'few descriptors, at the start': '--nofile=32:32',
  'little address space, at the start': '--as=268435456:268435456',
};

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  const { account, variant } = context;
  if (!variant.confines) return control(context);
  const attempts: HostAttempt[] = [];
  for (const [name, want] of Object.entries(WANTS)) attempts.push(...(await wanting(name, smallPlace(account), want)));
  for (const [name, limit] of Object.entries(LIMITS)) {
    const [word, holds] = await served(new Place(account), ['prlimit', limit, '--']);
    attempts.push({ name, outcome: holds ? 'BLOCKED' : 'ESCAPED', detail: word });
  }
  return attempts;
}

/** With a state directory that is soon full, and not the machine's. */
function smallPlace(account: Account): Place {
  const place = new Place(account);
  const options = `size=256k,nr_inodes=64,mode=755,uid=${account.uid},gid=${account.gid}`;
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'none', place.state]);
  symlinkSync(join(testHost().builtState, 'runtimes'), join(place.state, 'runtimes'));
  return place;
}

/** One daemon that is started in want, and one that comes into it and is asked for a pool that it does not have yet. */
async function wanting(want: string, place: Place, { make, undo }: Want): Promise<readonly HostAttempt[]> {
  const attempt = (when: string, holds: boolean, detail: string): HostAttempt => {
    return { name: `${want}, ${when}`, outcome: holds ? 'BLOCKED' : 'ESCAPED', detail };
  };
  try {
    make(place.state);
    const [start, holds] = await served(place, []);
    undo(place.state);
    const daemon = await TestDaemon.startIn(place, { args: WITHOUT_LOG });
    const before = await answerOf(daemon);
    make(place.state);
    const during = await answerOf(daemon, OTHER_POLICY);
    undo(place.state);
    const after = await answerOf(daemon, OTHER_POLICY);
    await daemon.stop();
    const isRight = (during === 'served' || isNamed(during)) && after === 'served';
    return [
      attempt('at the start', holds && before === 'served', `${start}; then ${before}`),
      attempt('meanwhile', isRight, `${during}; then ${after}`),
    ];
  } finally {
    execFileSync('umount', ['--lazy', place.state]);
  }
}

/** @returns what came of a daemon's start, and whether that is a right answer or words that name what is wanting */
async function served(place: Place, by: readonly string[]): Promise<readonly [string, boolean]> {
  try {
    const daemon = await TestDaemon.startIn(place, { by, args: WITHOUT_LOG });
    const word = await answerOf(daemon);
    await daemon.stop();
    return [word, isNamed(word) || word === 'served'];
  } catch (error) {
    const text = (error as Error).message;
    return [inShort(text), text.startsWith('the daemon ended at once') && isNamed(text)];
  }
}

async function answerOf(daemon: TestDaemon, policy = 'python'): Promise<string> {
  const client = await daemon.connect();
  const { result, error } = await client.execute('print(6 * 7)', { policy, timeout_secs: 60 });
  client.close();
  if (result?.stdout === '42\n') return 'served';
  return error === undefined ? `${result?.status} ${result?.stdout}` : `${error.code}: ${error.message}`;
}

/** In the words of the kernel or of an error code of ours; a limit of memory shows in those of whoever met it. */
function isNamed(text: string): boolean {
  return /\bE(NOSPC|ROFS|MFILE|NFILE|FBIG|NOMEM|AGAIN)\b|no space left|read-only|too many open files|file too large|memory/i.test(
    text,
  );
}

function inShort(text: string): string {
  const lines = text.split('\n').filter((line) => /LW_|\bE[A-Z]{3,}\b|rror|emory|space|limit/.test(line));
  return (lines[0] ?? text).slice(0, 200);
}

/** A service that never asks whether it could write: it answers nothing and says that all is well. */
async function control({ account, scratch }: HostContext): Promise<readonly HostAttempt[]> {
  const naive = '{ echo 42 > "$1/answer"; } 2>/dev/null; cat "$1/answer" 2>/dev/null; exit 0';
  return Object.entries(WANTS).map(([name, { make, undo }]) => {
    const place = smallPlace(account);
    try {
      make(place.state);
      const answer = execFileSync('sh', ['-c', naive, 'sh', place.state], { cwd: scratch, encoding: 'utf8' });
      undo(place.state);
      const isRight = answer === '42\n';
      return {
        name,
        outcome: isRight ? 'BLOCKED' : 'ESCAPED',
        detail: isRight ? 'answered' : 'no answer, no word, status 0',
      };
    } finally {
      execFileSync('umount', ['--lazy', place.state]);
    }
  });
}

function tried(action: () => void): void {
  try {
    action();
  } catch {
    // It is full: that is what was wanted.
  }
}
