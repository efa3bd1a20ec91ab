import { LeewardError } from '../../errors/leeward-error.js';
import { OPERATORS, placeOf } from '../../policy/index.js';
import type { CheckedTenant } from '../../policy/types.js';
import type { Peer } from '../server/handler.js';
import { NO_QUOTA, type Tenant } from './tenant.js';

export interface TenantSetOptions {
  /** The daemon's own user, who is an operator, as root is. */
  readonly daemonUid: number;
  /** Policy of operators' requests that name none. */
  readonly defaultPolicy: string;
}

/** Who is served, and as whom: the tenants of one generation of files. Never changed, only replaced. */
export class TenantSet {
  readonly #options: TenantSetOptions;
  readonly #local: Tenant;
  readonly #tenants: readonly Tenant[];
  readonly #byUid = new Map<number, Tenant>();
  readonly #byGid = new Map<number, Tenant>();

  /** @param tenants none: only the operators are served */
  constructor(tenants: readonly CheckedTenant[], options: TenantSetOptions) {
    this.#options = options;
    const { defaultPolicy } = options;
    this.#local = { name: OPERATORS, isOperator: true, defaultPolicy, policies: undefined, quota: NO_QUOTA };
    this.#tenants = tenants.map((checked) => this.#add(checked));
  }

  /** Tenants of files; `local` is none of them. */
  get tenants(): readonly Tenant[] {
    return this.#tenants;
  }

  /**
   * The tenant of a peer: by user id, else by primary group; else, for the daemon's own user and root, the operators'.
   *
   * @throws LeewardError LW_REQUEST_NO_TENANT
   */
  of({ uid, gid }: Peer): Tenant {
    const { daemonUid } = this.#options;
    const tenant = this.#byUid.get(uid) ?? (uid === daemonUid || uid === 0 ? this.#local : this.#byGid.get(gid));
    if (tenant !== undefined) return tenant;
    const others = this.#tenants.length === 0 ? '' : ', and tenants, none of which has this user';
    const message = `user ${uid} is not admitted: this daemon serves user ${daemonUid}${daemonUid === 0 ? '' : ' and root'}${others}`;
    throw new LeewardError('LW_REQUEST_NO_TENANT', message);
  }

  #add({ name, uids, gids, policies, listed, default: byDefault, quota }: CheckedTenant): Tenant {
    const byName = new Map(policies.map((policy) => [policy.name, policy]));
    const only = policies.length === 1 ? policies[0]?.name : undefined;
    const list = { byName, origin: listed };
    const tenant: Tenant = { name, isOperator: false, defaultPolicy: byDefault ?? only, policies: list, quota };
    for (const uid of uids) this.#byUid.set(uid, tenant);
    for (const gid of gids) this.#byGid.set(gid, tenant);
    return tenant;
  }
}

/**
 * A daemon without privilege opens everything with its own user's rights: whom else it served would get these.
 *
 * @throws LeewardError LW_POLICY_INVALID
 */
export function refuseForeignIds(
  tenants: readonly CheckedTenant[],
  own: { readonly uid: number; readonly gid: number },
): void {
  for (const { name, uids, gids, identities } of tenants) {
    const foreign = uids.find((uid) => uid !== own.uid);
    const what = foreign === undefined ? gids.length > 0 && `group ${gids[0]}` : `user ${foreign}`;
    if (what === false) continue;
    const message = `tenant ${name} has ${what}, but this daemon, which root did not start, has the rights of user ${own.uid} alone`;
    throw new LeewardError('LW_POLICY_INVALID', message, {
      place: placeOf(identities),
      hint: `start the daemon as root, or list user ${own.uid} only`,
    });
  }
}
