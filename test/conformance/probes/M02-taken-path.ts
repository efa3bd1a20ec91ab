/** A daemon that is started where something lies already: it must end, and leave that as it is. */
import { execFileSync } from 'node:child_process';
import {
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { leeward } from '../../harness/command.js';
import { Place } from '../../harness/place.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import { batched } from './hostile-jobs.js';
import { TrustingDaemon } from './trusting-daemon.js';

const STRANGER = 54_321;

/** Puts something at `path`; gives what listens there, which goes afterwards. `beside` is a path for what it needs. */
type Thing = (path: string, beside: string) => Promise<Server | undefined>;

const nothingListens =
  (make: (path: string, beside: string) => void): Thing =>
  async (path, beside) => {
    make(path, beside);
    return undefined;
  };

const THINGS: Readonly<Record<string, Thing>> = {
  'a file': nothingListens((path) => writeFileSync(path, 'data')),
  'a folder': nothingListens((path) => {
    mkdirSync(path);
    writeFileSync(join(path, 'file'), 'data');
  }),
  'a FIFO': nothingListens((path) => execFileSync('mkfifo', [path])),
  'a link to a file': nothingListens((path, beside) => {
    writeFileSync(beside, 'data');
    symlinkSync(beside, path);
  }),
  'a link to a folder': nothingListens((path, beside) => {
    mkdirSync(beside);
    symlinkSync(beside, path);
  }),
  'a link to nothing': nothingListens((path, beside) => symlinkSync(beside, path)),
  'a link to a socket that answers': async (path, beside) => {
    symlinkSync(beside, path);
    return await listening(beside);
  },
  'a socket that answers': (path) => listening(path),
  'a socket that another user has left': async (path, beside) => {
    const server = await listening(beside);
    renameSync(beside, path);
    await closed(server);
    chownSync(path, STRANGER, STRANGER);
    return undefined;
  },
};

function listening(path: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => server.once('error', reject).listen(path, () => resolve(server)));
}

function closed(server: Server | undefined): Promise<void> {
  return new Promise((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
}

/** What lies at a path, and at the end of its links. */
function stateOf(path: string): string {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 'nothing';
  const is = `${stats.ino} ${stats.mode.toString(8)} ${stats.uid} ${stats.size}`;
  if (stats.isSymbolicLink()) return `${is} -> ${stateOf(readlinkSync(path))}`;
  return stats.isFile() ? `${is} ${readFileSync(path, 'utf8')}` : is;
}

/** @param start starts a daemon at the path; gives what it says when it ends by itself, and how to end it else */
async function tried(
  directory: string,
  name: string,
  start: (path: string) => Promise<{ readonly refusal: string | undefined; stop(): void }>,
): Promise<HostAttempt> {
  const [path, beside] = [join(directory, 'leeward.sock'), join(directory, 'beside')];
  const server = await THINGS[name]?.(path, beside);
  const before = [path, beside].map(stateOf);
  const { refusal, stop } = await start(path);
  const after = [path, beside].map(stateOf);
  stop();
  await closed(server);
  for (const made of [path, beside]) rmSync(made, { recursive: true, force: true });
  const isSame = JSON.stringify(before) === JSON.stringify(after);
  const refused = refusal?.includes('[LW_DAEMON_SOCKET_IN_USE]') === true;
  const detail = isSame ? (refusal?.trim().split('\n')[0] ?? 'it was started') : `${before} became ${after}`;
  return {
    name,
    outcome: isSame && refused ? 'BLOCKED' : isSame && refusal !== undefined ? 'BROKEN' : 'ESCAPED',
    detail,
  };
}

function control({ scratch }: HostContext): Promise<readonly HostAttempt[]> {
  return batched(Object.keys(THINGS), (name) => {
    return tried(mkdtempSync(join(scratch, 'taken-')), name, async (path) => {
      const trusting = await TrustingDaemon.start(mkdtempSync(join(scratch, 'trusting-')), path);
      return { refusal: undefined, stop: () => trusting.stop() };
    });
  });
}

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  if (!context.variant.confines) return control(context);
  return batched(Object.keys(THINGS), (name) => {
    const place = new Place(context.account);
    return tried(place.directory('taken'), name, async (path) => {
      const { stderr } = await leeward(place, ['daemon'], { environment: { LEEWARD_SOCKET: path } });
      return { refusal: stderr, stop: () => undefined };
    });
  });
}

export const probe: HostProbe = { control, controlIsSameForAll: true, run };
