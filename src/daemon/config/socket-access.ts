import { readFileSync } from 'node:fs';
import { LeewardError } from '../../errors/leeward-error.js';
import type { DaemonOptions } from './options.js';

/** Who may connect to the socket, as file permissions say it. */
export interface SocketAccess {
  readonly mode: number;
  /** Undefined: the group of whoever makes it. */
  readonly gid: number | undefined;
}

const OWNER_ALONE = 0o600;
/** Whoever connects is told apart by the kernel's word, and turned away unless a tenant has him. */
const EVERYBODY = 0o666;

/**
 * The permissions of a daemon's socket.
 *
 * @param servesOthers whether there are tenants with ids other than the daemon's own
 * @throws LeewardError LW_DAEMON_SETTING for a group that this host does not have
 */
export function socketAccess(
  { socketMode, socketGroup }: Pick<DaemonOptions, 'socketMode' | 'socketGroup'>,
  servesOthers: boolean,
): SocketAccess {
  const mode = socketMode ?? (servesOthers ? EVERYBODY : OWNER_ALONE);
  return {
    mode,
    gid: socketGroup === undefined ? undefined : groupId(socketGroup, readFileSync('/etc/group', 'utf8')),
  };
}

/** @param groups text of group(5) */
export function groupId(group: string, groups: string): number {
  if (/^\d{1,9}$/.test(group)) return Number(group);
  const entry = groups.split('\n').find((line) => line.startsWith(`${group}:`));
  const gid = entry?.split(':')[2];
  if (gid !== undefined && /^\d+$/.test(gid)) return Number(gid);
  throw new LeewardError('LW_DAEMON_SETTING', `the group of the socket, '${group}', is not in /etc/group`);
}
