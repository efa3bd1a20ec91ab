/** What becomes of pools and jobs when one generation follows another. */
import type { Logger } from 'pino';
import { asLeewardError, LeewardError } from '../../../errors/leeward-error.js';
import { digestText } from '../../../plan/digest.js';
import { comparePolicies, placeOf, subjectOf } from '../../../policy/index.js';
import type { RunningJob, RunningJobs } from '../../jobs/running-jobs.js';
import type { Pool } from '../../pools/pool.js';
import type { PoolSet } from '../../pools/pool-set.js';
import type { ServedPolicy } from '../policy-store.js';
import type { Generation } from './generation.js';

export interface SuccessionOptions {
  readonly pools: PoolSet;
  readonly running: RunningJobs;
  /** Standby jobs of a pool, if its runtime asks for more. */
  readonly maxStandby: number;
  /** How long jobs may go on under a policy that no longer allows what they may, milliseconds. */
  readonly revokeAfterMs: number;
  readonly log: Logger;
}

/** Lets one generation follow another, so that no request waits because of it. */
export class Succession {
  readonly #options: SuccessionOptions;

  constructor(options: SuccessionOptions) {
    this.#options = options;
  }

  /** Opens the pools that will follow those that are open, before any request needs them. */
  async prepare(next: Generation): Promise<void> {
    const open = this.#options.pools.list().filter(({ state }) => state === 'ready');
    await Promise.all(open.map((pool) => this.#openSuccessor(pool, next)));
  }

  /**
   * To be called when `next` serves: pools of plans that nobody can ask for any more take no more jobs, and jobs whose policy is gone
   * or narrower get a deadline.
   */
  async complete(next: Generation): Promise<void> {
    const { pools, running, revokeAfterMs, log } = this.#options;
    const served = await next.policies.served();
    pools.retire((pool) => isOf(pool, served.get(pool.spec.policyName), this.#options.maxStandby));
    const reasons = new Map<ServedPolicy, LeewardError | undefined>();
    const told = new Map<string, number>();
    for (const job of running.list()) {
      const reason = this.#mayNotUse(job, next) ?? (await reasonOf(job.policy, served.get(nameOf(job)), reasons));
      if (reason === undefined) continue;
      running.revoke(job, revokeAfterMs, reason);
      told.set(reason.message, (told.get(reason.message) ?? 0) + 1);
    }
    for (const [reason, jobs] of told) log.warn({ jobs, revokeAfterMs }, `jobs are to end: ${reason}`);
  }

  async #openSuccessor({ spec, share }: Pool, next: Generation): Promise<void> {
    const { pools, maxStandby, log } = this.#options;
    if (!next.library.policyNames().includes(spec.policyName)) return;
    try {
      const { compiled } = await next.policies.get(spec.policyName);
      const { standby, max } = compiled.runtime.pool;
      await pools.of(share, { ...spec, plan: compiled.plan, standby: Math.min(standby, maxStandby), max }).warm();
    } catch (thrown) {
      // Its jobs are told so themselves.
      const { code, message } = asLeewardError(thrown);
      log.error({ policy: spec.policyName, code }, `no pool could be opened ahead: ${message}`);
    }
  }

  /** Why a job's tenant may not use its policy any more. */
  #mayNotUse({ tenant, policy }: RunningJob, { number, tenants, library }: Generation): LeewardError | undefined {
    const { name } = policy.identity;
    if (!library.policyNames().includes(name)) return revoked(`policy ${name} is gone since generation ${number}`);
    const checked = tenants.find((each) => each.name === tenant);
    const listed = checked?.policies.find((each) => each.name === name);
    if (checked === undefined || (listed !== undefined && listed.error === undefined)) return undefined;
    return revoked(`tenant ${tenant} may not use policy ${name} since generation ${number}`);
  }
}

function nameOf({ policy }: RunningJob): string {
  return policy.identity.name;
}

function isOf({ spec }: Pool, policy: ServedPolicy | undefined, maxStandby: number): boolean {
  if (policy === undefined) return false;
  const { plan, runtime } = policy.compiled;
  const { standby, max } = runtime.pool;
  return (
    digestText(plan.digest) === digestText(spec.plan.digest) &&
    Math.min(standby, maxStandby) === spec.standby &&
    max === spec.max
  );
}

/** Why jobs under a policy are to end, found out once for all of them. */
async function reasonOf(
  before: ServedPolicy,
  after: ServedPolicy | undefined,
  known: Map<ServedPolicy, LeewardError | undefined>,
): Promise<LeewardError | undefined> {
  if (after === undefined || known.has(before)) return known.get(before);
  // Comparing takes milliseconds, in which no request is served.
  await new Promise(setImmediate);
  const { relation, differences } = comparePolicies(before.compiled.policy, after.compiled.policy);
  const [first] = differences.filter(({ direction }) => direction === 'narrower');
  const { name, generation } = after.identity;
  const reason =
    relation !== 'narrower' || first === undefined
      ? undefined
      : revoked(`policy ${name} is narrower since generation ${generation}: ${subjectOf(first)}`, first.b?.origin);
  known.set(before, reason);
  return reason;
}

function revoked(message: string, origin?: Parameters<typeof placeOf>[0]): LeewardError {
  return new LeewardError('LW_JOB_REVOKED', message, { place: origin && placeOf(origin) });
}
