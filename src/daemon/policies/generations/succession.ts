/** What becomes of pools and jobs when one generation follows another. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { asLeewardError, LeewardError } from '../../../errors/leeward-error.js';
import { digestText } from '../../../plan/digest.js';
import { comparePolicies, OPERATORS, placeOf, subjectOf } from '../../../policy/index.js';
import type { RunningJobs } from '../../jobs/running-jobs.js';
import type { Pool } from '../../pools/pool.js';
import type { PoolSet } from '../../pools/pool-set.js';
import type { ServedPolicy } from '../policy-store.js';
import { effectivePolicy } from './effective-policy.js';
import { fewAtATime } from './few-at-a-time.js';
import type { Generation } from './generation.js';

/**
 * What becomes of jobs under policies that are others now. `finish`: they end by themselves; `deadline`: they get the time of those that are
 * revoked, `kill`: none. By default only those get a deadline whose policy is narrower or gone.
 */
export type FateOfJobs = 'finish' | 'deadline' | 'kill';

export interface SuccessionOptions {
  readonly pools: PoolSet;
  readonly running: RunningJobs;
  /** Standby jobs of a pool, if its runtime asks for more. */
  readonly maxStandby: number;
  /** How long jobs may go on under a policy that no longer allows what they may, milliseconds. */
  readonly revokeAfterMs: number;
  readonly log: Logger;
}

/** Interpreters that start at a time beside what serves. */
const OPENED_AT_A_TIME = 4;
/** How long a generation waits for the pools that are opened ahead, milliseconds. */
const OPENED_MS = 5000;

/** Lets one generation follow another, so that no request waits because of it. */
export class Succession {
  readonly #options: SuccessionOptions;

  constructor(options: SuccessionOptions) {
    this.#options = options;
  }

  /**
   * Opens the pools that will follow those that are open, before any request needs them. What takes too long goes on by itself: a
   * narrower policy is not to wait for it.
   */
  async prepare(next: Generation): Promise<void> {
    const { pools } = this.#options;
    const names = new Set(next.library.policyNames());
    const open = pools
      .list()
      .filter((pool) => pool.state === 'ready' && mayNotUse(ownerOf(pool), next, names) === undefined);
    const opened = fewAtATime(open, OPENED_AT_A_TIME, (pool) => this.#openSuccessor(pool, next));
    await Promise.race([opened, sleep(OPENED_MS, undefined, { ref: false })]);
  }

  /**
   * To be called when `next` serves: pools that nobody can ask for any more take no more jobs, and jobs whose policy is gone or
   * narrower get a deadline. Those that have one for a reason that is gone keep it no longer.
   */
  async complete(next: Generation, fate?: FateOfJobs): Promise<void> {
    const { pools, maxStandby } = this.#options;
    const names = new Set(next.library.policyNames());
    pools.retire(
      (pool) =>
        mayNotUse(ownerOf(pool), next, names) === undefined &&
        isOf(pool, next.policies.compiled.get(pool.spec.policyName), maxStandby),
    );
    await this.#judgeJobs(next, names, fate);
  }

  async #judgeJobs(next: Generation, names: ReadonlySet<string>, fate: FateOfJobs | undefined): Promise<void> {
    const { running, log } = this.#options;
    const revokeAfterMs = fate === 'kill' ? 0 : this.#options.revokeAfterMs;
    const isOrdered = fate === 'kill' || fate === 'deadline';
    const reasons = new Map<ServedPolicy, LeewardError | undefined>();
    const told = new Map<string, number>();
    let spared = 0;
    for (const job of running.list()) {
      const owner = { tenant: job.tenant, policy: job.policy.identity.name };
      const reason = mayNotUse(owner, next, names) ?? (await reasonOf(job.policy, next, isOrdered, reasons));
      if (reason === undefined) spared += running.spare(job) ? 1 : 0;
      if (reason === undefined || fate === 'finish') continue;
      running.revoke(job, revokeAfterMs, { reason, isOrdered });
      told.set(reason.message, (told.get(reason.message) ?? 0) + 1);
    }
    for (const [reason, jobs] of told) log.warn({ jobs, revokeAfterMs }, `jobs are to end: ${reason}`);
    if (spared > 0) log.info({ jobs: spared, generation: next.number }, 'jobs that were to end may go on');
  }

  async #openSuccessor({ spec, share }: Pool, next: Generation): Promise<void> {
    const { pools, maxStandby, log } = this.#options;
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
}

/** Whose jobs run under which policy. */
interface Owner {
  readonly tenant: string;
  readonly policy: string;
}

function ownerOf({ spec }: Pool): Owner {
  return { tenant: spec.tenant.name, policy: spec.policyName };
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

/** Why a tenant may not use a policy any more. @param names of all policies */
function mayNotUse(
  { tenant, policy }: Owner,
  { number, tenants }: Generation,
  names: ReadonlySet<string>,
): LeewardError | undefined {
  if (!names.has(policy)) return revoked(`policy ${policy} is gone since generation ${number}`);
  if (tenant === OPERATORS) return undefined;
  const listed = tenants.find(({ name }) => name === tenant)?.policies.find(({ name }) => name === policy);
  if (listed !== undefined && listed.error === undefined) return undefined;
  return revoked(`tenant ${tenant} may not use policy ${policy} since generation ${number}`);
}

/** Why jobs under a policy are to end, found out once for all of them. */
async function reasonOf(
  before: ServedPolicy,
  next: Generation,
  isOrdered: boolean,
  known: Map<ServedPolicy, LeewardError | undefined>,
): Promise<LeewardError | undefined> {
  if (!known.has(before)) {
    // Comparing takes milliseconds, in which no request is served.
    await new Promise(setImmediate);
    known.set(before, isOrdered ? changing(before, next) : narrowing(before, next));
  }
  return known.get(before);
}

function changing({ identity: { name, digest }, compiled }: ServedPolicy, next: Generation): LeewardError | undefined {
  const served = next.policies.compiled.get(name);
  // The same texts may have come back.
  if (served?.compiled === compiled || served?.identity.digest === digest) return undefined;
  return revoked(`policy ${name} is another since generation ${next.number}, which ends its jobs`);
}

function narrowing({ identity: { name }, compiled }: ServedPolicy, next: Generation): LeewardError | undefined {
  if (next.policies.compiled.get(name)?.compiled === compiled) return undefined;
  const after = effectivePolicy(name, next);
  if (after === undefined) return revoked(`policy ${name} is not served any more since generation ${next.number}`);
  const { relation, differences } = comparePolicies(compiled.policy, after);
  const first = differences.find(({ direction }) => direction === 'narrower');
  if (relation !== 'narrower' || first === undefined) return undefined;
  return revoked(`policy ${name} is narrower since generation ${next.number}: ${subjectOf(first)}`, first.b?.origin);
}

function revoked(message: string, origin?: Parameters<typeof placeOf>[0]): LeewardError {
  return new LeewardError('LW_JOB_REVOKED', message, { place: origin && placeOf(origin) });
}
