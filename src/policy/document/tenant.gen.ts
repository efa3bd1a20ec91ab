// Generated from schemas/{policy,runtime,tenant,profile}.schema.json by scripts/gen/policy-types.mjs. Do not edit: run `npm run gen`.

export type Name = string;
/**
 * @minItems 1
 * @maxItems 1000
 */
export type HostIds = number[];

/**
 * Who may use which policies, under which ceiling and quota.
 */
export interface TenantDocument {
  /**
   * Version of the tenant language.
   */
  version: 1;
  /**
   * The kind of file.
   */
  kind: 'Tenant';
  name: Name;
  /**
   * One sentence for people.
   */
  description?: string;
  identities: Identities;
  /**
   * Policies that the tenant may use.
   *
   * @minItems 1
   * @maxItems 1000
   */
  policies: Name[];
  default?: Name;
  ceiling?: Name;
  quota?: Quota;
}
/**
 * Which peers of the socket belong to the tenant, by what the kernel says of them (SO_PEERCRED), never by what they say.
 */
export interface Identities {
  uids?: HostIds;
  gids?: HostIds;
}
/**
 * How much of the host the tenant may use at a time and in all. What is not said is not limited for the tenant alone.
 */
export interface Quota {
  /**
   * Jobs that run at a time.
   */
  concurrent?: number;
  /**
   * Jobs that may wait.
   */
  queue?: number;
  /**
   * Requests in each second.
   */
  perSecond?: number;
  /**
   * Processor time of all jobs of a day (UTC), in seconds.
   */
  cpuSecondsPerDay?: number;
  /**
   * Share of the host while several tenants wait, in relation to the weight of the others. Default: 1.
   */
  weight?: number;
}
