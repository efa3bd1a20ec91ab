import { lstatSync } from 'node:fs';
import type { Client } from '../../client/client.js';
import { connect, defaultSockets } from '../../client/connect.js';
import { checkServer } from '../../daemon/server-identity.js';
import { asLeewardError, LeewardError } from '../../errors/leeward-error.js';

const ANSWER_MS = 5000;

/**
 * The socket of the daemon that shall answer, or undefined when there is none and nobody named one. One that was named (by
 * flag or `LEEWARD_SOCKET`) is used also when it does not exist: its absence is an error then, not a reason to run the job
 * elsewhere.
 *
 * @param named the value of `--socket`
 */
export function daemonSocket(named: string | undefined): string | undefined {
  if (named !== undefined) return named;
  const configured = process.env['LEEWARD_SOCKET'];
  if (configured !== undefined && configured !== '') return configured;
  return defaultSockets().find((path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined);
}

/** A connection to a daemon that has answered. */
export interface LiveDaemon {
  readonly client: Client;
  readonly uid: number;
}

/**
 * Connects to the daemon at `socket`, if this user may trust it with his code: it must be root's, his own, or have the uid
 * of `LEEWARD_SERVER_UID`. One that accepts connections and then says nothing is told apart from one that works for long.
 *
 * @throws LeewardError LW_DAEMON_UNREACHABLE, LW_DAEMON_UNTRUSTED_SERVER, LW_PROTO_VERSION
 */
export async function connectTrusted(socket: string): Promise<LiveDaemon> {
  const client = await connect({ socket, checkServer });
  const silence = setTimeout(() => void client.close(), ANSWER_MS);
  try {
    const { uid } = await client.ping();
    return { client, uid };
  } catch (error) {
    await client.close();
    const { code, message } = asLeewardError(error);
    if (code === 'LW_PROTO_VERSION') throw error;
    const why = code === 'LW_JOB_CANCELLED' ? `nothing within ${ANSWER_MS} ms` : message;
    throw new LeewardError(
      'LW_DAEMON_UNREACHABLE',
      `socket ${socket} accepts connections, but does not answer: ${why}`,
    );
  } finally {
    clearTimeout(silence);
  }
}
