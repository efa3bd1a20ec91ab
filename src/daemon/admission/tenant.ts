import { LeewardError } from '../../errors/leeward-error.js';
import type { Peer } from '../server/handler.js';

/** On whose behalf a request runs. */
export interface Tenant {
  readonly name: string;
  /** The local operator: may widen the allowed paths of a request. */
  readonly isOperator: boolean;
  readonly defaultPolicy: string;
}

/**
 * The tenant of a peer. Without tenant files there is one, `local`: the daemon's own user and root.
 *
 * @throws LeewardError LW_REQUEST_NO_TENANT
 */
export function tenantOf(peer: Peer, daemonUid: number, defaultPolicy: string): Tenant {
  if (peer.uid === daemonUid || peer.uid === 0) return { name: 'local', isOperator: true, defaultPolicy };
  throw new LeewardError(
    'LW_REQUEST_NO_TENANT',
    `user ${peer.uid} is not admitted: this daemon serves user ${daemonUid} and root`,
  );
}
