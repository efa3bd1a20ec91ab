import type { Socket } from 'node:net';
import { LeewardError } from '../errors/leeward-error.js';
import { loadAddon } from '../native/load.js';

/**
 * For clients: refuses a server that this user should not trust with his code. Who listens is the kernel's word
 * (SO_PEERCRED of unix(7)); root, this user and the uid in `LEEWARD_SERVER_UID` are trusted, as in `leeward_connect`.
 *
 * A module of its own, so that a client does not have to load the daemon.
 *
 * @param socket connected
 * @param path of the socket, for the message
 * @throws LeewardError LW_DAEMON_UNTRUSTED_SERVER
 */
export function checkServer(socket: Socket, path: string): void {
  // Node has no public way to the descriptor of a connected socket.
  const { fd } = (socket as Socket & { readonly _handle: { readonly fd: number } })._handle;
  const { uid } = loadAddon().peerCredentials(fd);
  if (uid === 0 || uid === process.getuid?.() || String(uid) === process.env['LEEWARD_SERVER_UID']) return;
  const message = `socket ${path} is served by uid ${uid}, which is neither root nor you`;
  throw new LeewardError('LW_DAEMON_UNTRUSTED_SERVER', message, {
    hint: `set LEEWARD_SERVER_UID=${uid} if that is right`,
  });
}
