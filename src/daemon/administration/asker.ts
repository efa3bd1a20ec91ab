import { LeewardError } from '../../errors/leeward-error.js';
import type { Peer } from '../server/handler.js';
import type { Tenant } from '../tenants/tenant.js';

/** Who asks something of the daemon itself. */
export interface Asker {
  readonly peer: Peer;
  readonly tenant: Tenant;
}

/** @throws LeewardError LW_REQUEST_NOT_OPERATOR */
export function requireOperator({ peer, tenant }: Asker): void {
  if (tenant.isOperator) return;
  const message = `user ${peer.uid} is of tenant ${tenant.name}, and no operator of this daemon`;
  throw new LeewardError('LW_REQUEST_NOT_OPERATOR', message);
}
