import type { CheckedTenant } from '../../policy/types.js';
import type { StatusResult } from '../../protocol/messages.gen.js';
import type { Requester } from '../jobs/executor.js';
import type { Peer } from '../server/handler.js';
import { Accounts } from './accounts.js';
import type { CpuLedger } from './cpu-ledger.js';
import { Scheduler } from './scheduler.js';
import { policyErrors, type Tenant } from './tenant.js';
import { TenantSet, type TenantSetOptions } from './tenant-set.js';

export interface TenancyOptions extends TenantSetOptions {
  /** Jobs at a time, of all tenants together. */
  readonly places: number;
  /** Undefined where there can be no tenants but the operators, whose time nobody counts. */
  readonly ledger: CpuLedger | undefined;
}

/** Who is served: the tenants as the files have them now, and what each has used. */
export class Tenancy {
  readonly #options: TenancyOptions;
  readonly #accounts: Accounts;
  #set: TenantSet;

  constructor(options: TenancyOptions) {
    this.#options = options;
    this.#accounts = new Accounts(new Scheduler(options.places), options.ledger);
    this.#set = new TenantSet([], options);
  }

  /** Serves these from now on. */
  use(tenants: readonly CheckedTenant[]): void {
    this.#set = new TenantSet(tenants, this.#options);
    for (const tenant of this.#set.tenants) this.#accounts.of(tenant);
  }

  /** @throws LeewardError LW_REQUEST_NO_TENANT */
  tenantOf(peer: Peer): Tenant {
    return this.#set.of(peer);
  }

  /** Name of a peer's tenant; undefined: he has none. */
  nameOf(peer: Peer): string | undefined {
    try {
      return this.tenantOf(peer).name;
    } catch {
      return undefined;
    }
  }

  /** Names of all tenants. */
  get names(): string[] {
    return this.#set.tenants.map(({ name }) => name);
  }

  /** @throws LeewardError LW_REQUEST_NO_TENANT */
  requester(peer: Peer): Requester {
    const tenant = this.tenantOf(peer);
    return { peer, tenant, account: this.#accounts.of(tenant) };
  }

  /** @param only what one tenant may see; undefined: all */
  status(only?: Tenant): StatusResult['tenants'] {
    const tenants = only === undefined ? this.#set.tenants : [only];
    return tenants.map((tenant) => {
      const { share, cpuUsed, quota } = this.#accounts.of(tenant);
      return {
        name: tenant.name,
        running: share.running,
        queued: share.waiting,
        cpu_seconds_today: Math.round(cpuUsed / 1000) / 1000,
        policy_errors: policyErrors(tenant),
        quota: {
          concurrent: quota.concurrent?.value ?? null,
          queue: quota.queue?.value ?? null,
          per_second: quota.perSecond?.value ?? null,
          cpu_seconds_per_day: quota.cpuSecondsPerDay?.value ?? null,
          weight: share.limits.weight,
        },
      };
    });
  }

  close(): void {
    this.#options.ledger?.close();
  }
}
