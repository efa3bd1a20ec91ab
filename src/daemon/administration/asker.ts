import type { Peer } from '../server/handler.js';
import type { Tenant } from '../tenants/tenant.js';

/** Who asks something of the daemon itself. */
export interface Asker {
  readonly peer: Peer;
  readonly tenant: Tenant;
}
