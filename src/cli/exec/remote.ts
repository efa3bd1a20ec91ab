import { lstatSync } from 'node:fs';
import type { Client } from '../../client/client.js';
import { connect, defaultSockets } from '../../client/connect.js';
import { checkServer } from '../../daemon/server-identity.js';

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

/**
 * Connects to the daemon at `socket`, if this user may trust it with his code: it must be root's, his own, or have the uid
 * of `LEEWARD_SERVER_UID`.
 *
 * @throws LeewardError LW_DAEMON_UNREACHABLE, LW_DAEMON_UNTRUSTED_SERVER
 */
export async function connectTrusted(socket: string): Promise<Client> {
  return await connect({ socket, checkServer });
}
