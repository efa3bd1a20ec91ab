/**
 * Probes of the daemon itself, by its socket and its files. They try the daemon of the run; controls try one that
 * believes everything (`trusting-daemon.mjs`), which is started anew when an attempt has ended it or keeps it busy.
 */
import { join } from 'node:path';
import type { ErrorBody } from '../../../src/protocol/messages.gen.js';
import { root } from '../../harness/account.js';
import { type Answer, Connection } from '../../harness/connection.js';
import { TestDaemon } from '../../harness/daemon.js';
import { testHost } from '../../harness/host.js';
import { Place } from '../../harness/place.js';
import { residentMemory, statusOf } from '../../harness/processes.js';
import { atMost } from '../../harness/slowness.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import { answers, type Target } from './target.js';
import { TrustingDaemon } from './trusting-daemon.js';

export type { Target } from './target.js';

export interface Seen {
  readonly holds: boolean;
  readonly detail: string;
}

export type Attempt = (target: Target, context: HostContext) => Promise<Seen>;

/** How long an attempt may take: what hangs is an escape. Controls hang soon. */
const [PATIENCE_MS, TRUSTING_PATIENCE_MS] = [20_000, 1_000];

/**
 * @param lay puts files into the folder of policies that a daemon of the probe's own is started with; without it the daemon of the run is
 *   tried
 */
export function daemonProbe(
  attempts: Readonly<Record<string, Attempt>>,
  lay?: (folder: string, context: HostContext) => void,
): HostProbe {
  const control = (context: HostContext): Promise<readonly HostAttempt[]> => tryTrusting(attempts, context);
  const run = async (context: HostContext): Promise<readonly HostAttempt[]> => {
    const { daemon } = context.sandbox;
    if (!context.variant.confines || daemon === undefined) return control(context);
    if (lay === undefined) return tryAll(attempts, targetOf(daemon, testHost().installation.policies), context);
    const place = new Place(context.account);
    const folder = place.directory('policies', 0o755);
    lay(folder, context);
    const own = await TestDaemon.startIn(place, { args: ['--policies', folder] });
    try {
      return await tryAll(attempts, targetOf(own, folder), context);
    } finally {
      await own.stop();
    }
  };
  return { control, controlIsSameForAll: true, run };
}

async function tryAll(
  attempts: Readonly<Record<string, Attempt>>,
  target: Target,
  context: HostContext,
): Promise<readonly HostAttempt[]> {
  const made: HostAttempt[] = [];
  for (const [name, attempt] of Object.entries(attempts)) {
    const { made: one } = await tried(name, attempt, target, context);
    made.push(one);
  }
  return made;
}

function targetOf(daemon: TestDaemon, policies: string): Target {
  return {
    socket: daemon.place.socket,
    pid: daemon.daemonPid,
    policies,
    uid: Number(statusOf(daemon.daemonPid)?.get('Uid')?.split(/\s+/)[0]),
    daemon,
    get log() {
      return daemon.log;
    },
    connect: () => Connection.open(daemon.place.socket, root),
  };
}

interface Tried {
  readonly made: HostAttempt;
  /** Whether the target is known to answer still. */
  readonly answersAfter: boolean;
}

async function tried(name: string, attempt: Attempt, target: Target, context: HostContext): Promise<Tried> {
  const trusting = target.daemon === undefined;
  const patience = atMost(trusting ? TRUSTING_PATIENCE_MS : PATIENCE_MS);
  try {
    const seen = await within(patience, attempt(target, context));
    const ponged = await within(patience, answers(target)).catch(() => false);
    const same = target.daemon === undefined || target.daemon.daemonPid === target.pid;
    const answersAfter = ponged && same;
    const detail = answersAfter ? seen.detail : `${seen.detail}; it does not answer any more`;
    return { made: { name, outcome: seen.holds && answersAfter ? 'BLOCKED' : 'ESCAPED', detail }, answersAfter };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    // A trusting daemon may end or say anything; a mistake of the probe itself is no word of it.
    const isOwnMistake = error instanceof TypeError || error instanceof ReferenceError;
    const isEscape = error instanceof Hangs || (trusting && !isOwnMistake);
    const outcome = isEscape ? 'ESCAPED' : 'BROKEN';
    return { made: { name, outcome, detail }, answersAfter: false };
  }
}

class Hangs extends Error {}

function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Hangs(`no answer within ${timeoutMs} ms`)), timeoutMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

async function tryTrusting(
  attempts: Readonly<Record<string, Attempt>>,
  context: HostContext,
): Promise<readonly HostAttempt[]> {
  const made: HostAttempt[] = [];
  let trusting: TrustingDaemon | undefined;
  try {
    for (const [name, attempt] of Object.entries(attempts)) {
      trusting ??= await TrustingDaemon.start(join(context.scratch, `trusting-${made.length}`));
      const { made: one, answersAfter } = await tried(name, attempt, trusting, context);
      made.push(one);
      if (!answersAfter) {
        trusting.stop();
        trusting = undefined;
      }
    }
  } finally {
    trusting?.stop();
  }
  return made;
}

/** The answer to a request that must be refused: an error whose code `codes` takes, and nothing that ran. */
export async function refusal(target: Target, message: object, codes: RegExp, words = ''): Promise<Seen> {
  const connection = await target.connect();
  try {
    return judged(await connection.ask(message), codes, words);
  } finally {
    connection.close();
  }
}

/** As `refusal`, for bytes; the end of the connection without an answer is no refusal. */
export async function refusalOfBytes(target: Target, bytes: Uint8Array, codes: RegExp): Promise<Seen> {
  const connection = await target.connect();
  try {
    connection.send(bytes);
    return judged(await connection.receive(), codes);
  } finally {
    connection.close();
  }
}

export function judged(answer: Answer | undefined, codes: RegExp, words = ''): Seen {
  if (answer === undefined) return { holds: false, detail: 'the connection ended without an answer' };
  const { success, error } = answer as { success: boolean; error?: ErrorBody };
  const ran = success || 'result' in answer || error === undefined;
  const detail = ran ? `it was served: ${JSON.stringify(answer).slice(0, 120)}` : `${error.code}: ${error.message}`;
  return { holds: !ran && codes.test(error.code) && error.message.includes(words), detail: detail.slice(0, 300) };
}

/** `work`, over which the target's memory may grow by `most` bytes at most. What is not collected yet counts. */
export async function grownBy(target: Target, most: number, work: () => Promise<Seen>): Promise<Seen> {
  const before = residentMemory(target.pid);
  const { holds, detail } = await work();
  const grown = residentMemory(target.pid) - before;
  const mebibytes = Math.round(grown / (1 << 20));
  return { holds: holds && grown <= most, detail: `${detail}; memory grew by ${mebibytes} MiB` };
}
