import type { Peer } from '../server/handler.js';

/** The user of this process, as a peer. */
export function processPeer(): Peer {
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, groups: process.getgroups?.() ?? [] };
}
