import type { Client } from '../../client/client.js';
import { asLeewardError, LeewardError } from '../../errors/leeward-error.js';
import { connectTrusted, daemonSocket } from '../exec/remote.js';

/**
 * Asks the daemon for something that only a daemon can do.
 *
 * @param named the value of `--socket`
 * @throws LeewardError LW_DAEMON_UNREACHABLE and others of the connection; why the daemon refuses
 */
export async function askDaemon<Value>(
  named: string | undefined,
  ask: (client: Client) => Promise<Value>,
): Promise<Value> {
  const socket = daemonSocket(named);
  if (socket === undefined) throw new LeewardError('LW_DAEMON_UNREACHABLE', 'no daemon runs: there is no socket');
  const { client } = await connectTrusted(socket);
  try {
    return await ask(client);
  } catch (thrown) {
    throw ofOlderDaemon(asLeewardError(thrown));
  } finally {
    await client.close();
  }
}

/** What it does not know, a daemon of this version does. */
function ofOlderDaemon(error: LeewardError): LeewardError {
  if (error.code !== 'LW_PROTO_UNKNOWN_TYPE') return error;
  const message = `the daemon is older than this command, and does not know what it asks for: ${error.message}`;
  return new LeewardError(error.code, message, { hint: 'restart the daemon with the version of this command' });
}
