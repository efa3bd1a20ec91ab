import { LeewardError } from '../../errors/leeward-error.js';
import { placeOf } from '../../policy/index.js';
import type { Sourced, TenantQuota } from '../../policy/types.js';
import type { CpuLedger } from './cpu-ledger.js';
import { RateLimit } from './rate-limit.js';
import type { Scheduler, Share, ShareLimits } from './scheduler.js';
import type { Tenant } from './tenant.js';

const DEFAULT_WEIGHT = 1;

/** What each tenant has used, for as long as the daemon lives: tenants of a new generation of files go on with it. */
export class Accounts {
  readonly #scheduler: Scheduler;
  readonly #ledger: CpuLedger | undefined;
  readonly #accounts = new Map<string, Account>();

  /** @param ledger undefined: nobody's processor time is counted */
  constructor(scheduler: Scheduler, ledger: CpuLedger | undefined) {
    this.#scheduler = scheduler;
    this.#ledger = ledger;
  }

  /** The account of a tenant, with the tenant's quota as it is now. */
  of(tenant: Tenant): Account {
    let account = this.#accounts.get(tenant.name);
    if (account === undefined) {
      const number = this.#accounts.size + 1;
      account = new Account(number, tenant, this.#scheduler, tenant.isOperator ? undefined : this.#ledger);
      this.#accounts.set(tenant.name, account);
    }
    account.apply(tenant);
    return account;
  }
}

/** Holds a tenant to its quota. */
export class Account {
  readonly name: string;
  /** By which the supervisor knows the tenant: from 1 on, the same as long as this process lives. */
  readonly number: number;
  readonly share: Share;
  readonly #scheduler: Scheduler;
  readonly #ledger: CpuLedger | undefined;
  #quota: TenantQuota;
  #rate: RateLimit | undefined;

  constructor(number: number, { name, quota }: Tenant, scheduler: Scheduler, ledger: CpuLedger | undefined) {
    this.name = name;
    this.number = number;
    this.#quota = quota;
    this.#scheduler = scheduler;
    this.#ledger = ledger;
    this.share = scheduler.share(this.#limits());
    this.#rate = rateLimitOf(quota);
  }

  /** Takes over what a newer file says. */
  apply({ quota }: Tenant): void {
    if (quota === this.#quota) return;
    const before = this.#quota.perSecond?.value;
    this.#quota = quota;
    this.#scheduler.allow(this.share, this.#limits());
    if (quota.perSecond?.value !== before) this.#rate = rateLimitOf(quota);
  }

  /** Processor time of this day, microseconds. */
  get cpuUsed(): number {
    return this.#ledger?.used(this.name) ?? 0;
  }

  get quota(): TenantQuota {
    return this.#quota;
  }

  /**
   * Counts a request in that is answered without a job.
   *
   * @throws LeewardError LW_REQUEST_QUOTA with the line of the quota
   */
  count(): void {
    const { perSecond } = this.#quota;
    const wait = this.#rate?.take() ?? 0;
    if (perSecond !== undefined && wait > 0) {
      const message = `tenant ${this.name} has sent its ${perSecond.value} requests of this second (quota.perSecond)`;
      throw quotaError(message, perSecond, `try again in ${wait} ms`);
    }
  }

  /** As `count`, for a request that is to have a job. */
  admit(): void {
    this.count();
    const { cpuSecondsPerDay } = this.#quota;
    if (cpuSecondsPerDay !== undefined && this.cpuUsed >= cpuSecondsPerDay.value * 1_000_000) {
      const message = `tenant ${this.name} has used its ${cpuSecondsPerDay.value} seconds of processor time of this day (quota.cpuSecondsPerDay)`;
      const minutes = Math.ceil((this.#ledger?.untilTomorrow() ?? 0) / 60_000);
      throw quotaError(message, cpuSecondsPerDay, `try again in ${minutes} minutes, when the next day (UTC) begins`);
    }
  }

  /** Counts what a job has used, microseconds. */
  charge(cpuTimeUs: number): void {
    this.#ledger?.charge(this.name, cpuTimeUs);
  }

  #limits(): ShareLimits {
    const { concurrent, queue, weight } = this.#quota;
    return {
      concurrent: concurrent?.value ?? Number.POSITIVE_INFINITY,
      queue: queue?.value ?? Number.POSITIVE_INFINITY,
      weight: weight?.value ?? DEFAULT_WEIGHT,
      full: (running, waiting) => {
        const bound = concurrent === undefined ? '' : ` of at most ${concurrent.value} (quota.concurrent)`;
        const message = `tenant ${this.name} has no room: ${running} running${bound}, ${waiting} waiting (quota.queue)`;
        return quotaError(message, queue, 'try again when one of its jobs has ended');
      },
    };
  }
}

function rateLimitOf({ perSecond }: TenantQuota): RateLimit | undefined {
  return perSecond && new RateLimit(perSecond.value, () => performance.now());
}

function quotaError(message: string, quota: Sourced<number> | undefined, hint: string): LeewardError {
  return new LeewardError('LW_REQUEST_QUOTA', message, { place: quota && placeOf(quota.origin), hint });
}
