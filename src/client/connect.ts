import { createConnection, type Socket } from 'node:net';
import { homedir } from 'node:os';
import { LeewardError } from '../errors/leeward-error.js';
import { socketCandidates, stateDirectoryOf } from '../protocol/socket-path.js';
import { Client } from './client.js';
import type { FollowOptions, RunOptions } from './run-options.js';
import type { RunResult } from './run-result.js';

export interface ConnectOptions {
  /** Path of the socket. Default: `LEEWARD_SOCKET`, else the user's own, else the system's. */
  readonly socket?: string | undefined;
  /** How long to wait for the connection. Default: 5000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Called before anything is sent; throws to refuse the server (who it is, SO_PEERCRED tells). */
  readonly checkServer?: ((socket: Socket, path: string) => void) | undefined;
}

export interface RunCodeOptions extends RunOptions, FollowOptions, ConnectOptions {}

/**
 * Connects to a daemon. A socket that exists and does not answer is an error, not a reason to try the next.
 *
 * @throws LeewardError LW_DAEMON_UNREACHABLE; what `checkServer` throws
 */
export async function connect(options: ConnectOptions = {}): Promise<Client> {
  const candidates = options.socket === undefined ? defaultSockets() : [options.socket];
  for (const path of candidates) {
    const socket = await open(path, options.connectTimeoutMs ?? 5000);
    if (socket === undefined) continue;
    return clientOf(socket, path, options);
  }
  throw new LeewardError('LW_DAEMON_UNREACHABLE', `no daemon: there is no socket at ${candidates.join(' or ')}`);
}

/**
 * Runs code on a connection of its own. See `Client.runCode`; but here aborting ends the connection at once, and the promise is rejected
 * with LW_JOB_CANCELLED.
 *
 * @throws LeewardError as `connect` and `Client.runCode`
 */
export async function runCode(code: string, options: RunCodeOptions = {}): Promise<RunResult> {
  const { signal } = options;
  const isAborted = () => signal?.aborted === true;
  if (isAborted()) throw new LeewardError('LW_JOB_CANCELLED', 'aborted before anything was sent');
  const client = await connect(options);
  const abort = () => void client.close();
  signal?.addEventListener('abort', abort, { once: true });
  if (isAborted()) abort();
  try {
    return await client.runCode(code, { ...options, signal: undefined });
  } finally {
    signal?.removeEventListener('abort', abort);
    await client.close();
  }
}

/** Where a daemon is looked for when no socket is named, in this order. */
export function defaultSockets(): readonly string[] {
  const env = process.env;
  const uid = process.getuid?.() ?? 0;
  return socketCandidates({ uid, env, stateDirectory: stateDirectoryOf({ uid, env, home: homedir() }) });
}

function clientOf(socket: Socket, path: string, { checkServer }: ConnectOptions): Client {
  try {
    checkServer?.(socket, path);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return new Client(socket);
}

/** A connected socket, or undefined when there is none at `path`. */
function open(path: string, timeoutMs: number): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path });
    const fail = (why: string) => {
      socket.destroy();
      reject(new LeewardError('LW_DAEMON_UNREACHABLE', `socket ${path} does not answer: ${why}`));
    };
    const timer = setTimeout(() => fail(`no connection within ${timeoutMs} ms`), timeoutMs);
    const onError = (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      if (error.code === 'ENOENT') resolve(undefined);
      else fail(error.code ?? error.message);
    };
    socket.once('error', onError);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', onError);
      resolve(socket);
    });
  });
}
