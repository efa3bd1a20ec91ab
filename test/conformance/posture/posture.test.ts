import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import type { Plan } from '../../../src/plan/plan.js';
import { type Account, isRoot, root, user } from '../../harness/account.js';
import type { ExecuteFields } from '../../harness/connection.js';
import { DelegatedGroup } from '../../harness/delegation.js';
import { testHost } from '../../harness/host.js';
import { type Fixture, withDaemon } from '../../integration/harness/fixture.js';
import { shippedPolicy } from '../../policy/shipped.js';
import { type Difference, describeDifferences } from './compare/facts.js';
import { policyDifferences } from './compare/policy-values.js';
import { misreadings } from './compare/proven.js';
import { type GroupPlaces, groupName, limitsOf, placesOf } from './groups.js';
import { plansOf } from './plan-of.js';
import {
  differencesInside,
  differencesOfGroup,
  differencesOfLimits,
  differencesOfReceipt,
  differencesOfWorker,
  insideSettings,
  look,
  surroundingsOf,
} from './posture.js';
import { holdWorker } from './worker.js';

const SHIPPED = ['strict', 'python', 'python-data', 'python-ml'];
const REUSES = 50;
/** Little enough to be used up at once, enough for an interpreter with pandas. */
const SMALL_MEMORY = 160 << 20;

/** What happened on the pool before the worker is looked at. */
const MOMENTS: readonly [
  moment: string,
  prepare: (at: Fixture, policy: string, context: TestContext) => Promise<void>,
][] = [
  ['a fresh worker', async () => {}],
  [
    `after ${REUSES} jobs`,
    async (at, policy) => {
      for (let job = 0; job < REUSES; job++) expect((await at.client.run('x = 1', { policy })).status).toBe('ok');
    },
  ],
  [
    'after a time-out',
    async (at, policy) => {
      const { status } = await at.client.run('while True: pass', { policy, timeout_secs: 0.2 });
      expect(status).toBe('timed_out');
    },
  ],
  [
    'after an OOM kill',
    async (at, policy, context) => {
      const { limits_available } = (await at.daemon.status()).supervisor;
      context.skip(!limits_available.includes('memory'), 'needs a delegated memory cgroup');
      const { status } = await at.client.run('x = b"x" * (200 << 20)', { policy, memory_limit: SMALL_MEMORY });
      expect(status).toBe('oom_killed');
    },
  ],
];

function describePosture(account: Account, at: Fixture): void {
  let places: GroupPlaces;
  let plans: ReadonlyMap<string, Plan>;
  beforeAll(async () => {
    places = placesOf(await at.daemon.status());
    plans = plansOf(SHIPPED, at.daemon.place);
  });
  const planFor = (policy: string) => plans.get(policy) as Plan;

  /** Holds a worker, compares everything, ends it, and compares the receipt. */
  async function compare(policy: string, fields: ExecuteFields = {}, after = ''): Promise<readonly Difference[]> {
    const plan = planFor(policy);
    const worker = await holdWorker(at.daemon, at.client, insideSettings(plan), { policy, ...fields }, after);
    const collected = look(at.daemon, worker);
    const from = surroundingsOf(at.daemon, plan, collected, places);
    const limits = limitsOf(places, groupName(collected.processes.job, places));
    const live = [
      ...differencesOfWorker(from, collected),
      ...differencesInside(from, collected),
      ...differencesOfGroup(collected, places),
      ...differencesOfLimits(from, collected, places, fields.memory_limit),
    ];
    expect(misreadings(collected.processes.job, plan, shippedPolicy(policy))).toEqual([]);
    if (fields.memory_limit === undefined)
      expect(describeDifferences(policyDifferences(collected.processes.job, shippedPolicy(policy), limits))).toEqual(
        [],
      );
    const { enforced } = await worker.finish();
    const daemon = { uid: account.uid, version: versionOf() };
    return [...live, ...differencesOfReceipt(enforced, from, collected, limits, daemon)];
  }

  describe.each(SHIPPED)('%s', (policy) => {
    it.for(MOMENTS)('%s', async ([, prepare], context) => {
      await prepare(at, policy, context);
      expect(describeDifferences(await compare(policy))).toEqual([]);
    });
  });
}

function versionOf(): string {
  const file = join(testHost().installation.root, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

describe.skipIf(!isRoot)('as root (needs root)', () => {
  describePosture(root, withDaemon(root));
});

describe.skipIf(!isRoot)('as an ordinary user (needs root, to look at what is not dumpable)', () => {
  describePosture(user, withDaemon(user));
});

describe.skipIf(!isRoot)('as an ordinary user to whom a control group was given (needs root)', () => {
  const delegated = DelegatedGroup.create(user);
  afterAll(() => delegated?.remove());
  describePosture(user, withDaemon(user, { delegated }));
});
