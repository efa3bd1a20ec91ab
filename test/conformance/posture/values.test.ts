/** A policy in which no two values are equal and none is the base's: each of them is what the kernel shows, or what ends a job. */
import { mkdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import type { Plan } from '../../../src/plan/plan.js';
import { resolvePolicy } from '../../../src/policy/index.js';
import type { EffectivePolicy } from '../../../src/policy/types.js';
import type { JobResult } from '../../../src/protocol/messages.gen.js';
import { isRoot, root, user } from '../../harness/account.js';
import type { ExecuteFields } from '../../harness/connection.js';
import { DelegatedGroup } from '../../harness/delegation.js';
import { type Fixture, withDaemon } from '../../integration/harness/fixture.js';
import { findingsText, loaderWith } from '../../policy/shipped.js';
import { describeDifferences } from './compare/facts.js';
import { policyDifferences } from './compare/policy-values.js';
import { type GroupPlaces, groupName, limitsOf, placesOf } from './groups.js';
import { plansOf } from './plan-of.js';
import { differencesInside, insideSettings, look, surroundingsOf } from './posture.js';
import { holdWorker } from './worker.js';

const POLICIES = fileURLToPath(new URL('policies', import.meta.url));
const policy = policyOf('values');
const { limits, requestMounts } = policy;
/** Above the time-out of the policy, within what it lets a request ask for. */
const LONG = 60;

function policyOf(name: string): EffectivePolicy {
  const textOf = (one: string) => readFileSync(join(POLICIES, `${one}.yaml`), 'utf8');
  const source = { file: `${name}.yaml`, text: textOf(name) };
  const { value, diagnostics } = resolvePolicy(source, loaderWith({ values: textOf('values') }));
  if (value === undefined) throw new Error(findingsText(diagnostics));
  return value;
}

function describeValues(at: Fixture): void {
  let places: GroupPlaces;
  let plan: Plan;
  beforeAll(async () => {
    places = placesOf(await at.daemon.status());
    plan = plansOf(['values'], at.daemon.place, [POLICIES]).get('values') as Plan;
  });
  const run = (code: string, fields: ExecuteFields = {}): Promise<JobResult> =>
    at.client.run(code, { policy: 'values', ...fields });

  it('are a job’s, each where it belongs', async () => {
    const settings = insideSettings(plan);
    const worker = await holdWorker(at.daemon, at.client, settings, { policy: 'values', timeout_secs: LONG });
    const collected = look(at.daemon, worker);
    const from = surroundingsOf(at.daemon, plan, collected, places);
    const { job } = collected.processes;
    const differences = [
      ...policyDifferences(job, policy, limitsOf(places, groupName(job, places))),
      ...differencesInside(from, collected),
    ];
    const { enforced } = await worker.finish();
    expect(describeDifferences(differences)).toEqual([]);
    const { uid, gid } = policy.identity;
    expect(enforced.user).toMatchObject({ inside_uid: uid.value, inside_gid: gid.value });
  });

  describe('time', () => {
    const { value: time } = limits.timeout;
    const sleep = (milliseconds: bigint) => `import time; time.sleep(${Number(milliseconds) / 1000})`;

    it('that a job may take ends it, and a third of it does not', async () => {
      expect(await run(sleep(10n * time.default))).toMatchObject({ status: 'timed_out', timed_out: true });
      expect((await run(sleep(time.default / 3n))).status).toBe('ok');
      const { duration_ms } = await run('while True: pass');
      expect(duration_ms).toBeGreaterThanOrEqual(Number(time.default));
    });

    it('may be asked for up to the policy’s most', async () => {
      const most = Number(time.max) / 1000;
      expect((await run(sleep(2n * time.default), { timeout_secs: most })).status).toBe('ok');
      const refused = await at.client.refused('pass', { policy: 'values', timeout_secs: most + 1 });
      expect(refused.code).toBe('LW_REQUEST_LIMIT_ABOVE_MAX');
    });

    it('of the processor ends a job, and a third of it does not', async (context) => {
      await needs(context, at, 'cpu_time');
      const { value } = limits.cpuTime;
      const burn = (microseconds: bigint) =>
        `import time\nwhile time.process_time() < ${Number(microseconds) / 1e6}: pass`;
      const ended = await run(burn(5n * value), { timeout_secs: LONG });
      expect(ended.status).toBe('cpu_limit');
      expect(ended.cpu_time_us).toBeGreaterThanOrEqual(Number(value));
      expect((await run(burn(value / 3n), { timeout_secs: LONG })).status).toBe('ok');
    });
  });

  it.each(['stdout', 'stderr'] as const)('on %s end the job to the byte', async (stream) => {
    const limit = Number(limits[stream].value);
    const write = (count: number) => `import sys; sys.${stream}.write("x" * ${count})`;
    const within = await run(write(limit));
    expect(within).toMatchObject({ status: 'ok', truncated: { [stream]: false } });
    expect(String(within[stream])).toHaveLength(limit);
    const beyond = await run(write(limit + 1));
    expect(beyond).toMatchObject({ status: 'output_limit', truncated: { [stream]: true } });
    expect(String(beyond[stream])).toHaveLength(limit);
  });

  it('of claims cut what a job says about its exception', async () => {
    const limit = Number(limits.claims.value);
    const write = (count: number) => `import os; os.write(4, b"x" * ${count})`;
    expect((await run(write(limit))).error).toMatchObject({ name: 'x'.repeat(limit), lossy: false });
    expect((await run(write(limit + 1))).error).toMatchObject({ name: 'x'.repeat(limit), lossy: true });
  });

  it('of memory are the most that a request gets', async (context) => {
    await needs(context, at, 'memory');
    const most = Number(limits.memory.value.max);
    const { enforced } = await run('pass', { memory_limit: most });
    expect(enforced.cgroup.limits.memory).toBe(most);
    const refused = await at.client.refused('pass', { policy: 'values', memory_limit: most + 4096 });
    expect(refused.code).toBe('LW_REQUEST_LIMIT_ABOVE_MAX');
  });

  it('of denials are how many are answered at once, and how many in a second from then on', async () => {
    const { burst, perSecond } = policyOf('denials').denials.value;
    const {
      status,
      denials: recorded,
      duration_ms,
    } = await run('import socket\nwhile True:\n    try: socket.socket()\n    except OSError: pass', {
      policy: 'denials',
      timeout_secs: 2,
    });
    expect(status).toBe('timed_out');
    const count = recorded.reduce((sum, one) => sum + one.count, 0);
    const most = burst + (perSecond * duration_ms) / 1000;
    expect(count).toBeLessThanOrEqual(Math.ceil(most));
    // A machine that lets nobody run for a while answers fewer, but has not stood still for half of the time.
    expect(count).toBeGreaterThan(burst + (most - burst) / 2);
  });

  it('of the environment may be set by a request, and no others', async () => {
    const code = 'import os; print(os.environ["ASKED"], os.environ["ASKED_MORE"])';
    const { stdout } = await run(code, { env: { ASKED: 'one', ASKED_MORE: 'two' } });
    expect(stdout).toBe('one two\n');
    for (const name of ['ASKE', 'ASKEDMORE', 'ONLY_HERE'])
      expect((await at.client.refused('pass', { policy: 'values', env: { [name]: 'x' } })).code, name).toBe(
        'LW_REQUEST_ENVIRONMENT',
      );
  });

  it('of request mounts say which directories of the host a request may name', async (context) => {
    const { place } = at.daemon;
    const scratch = dirname(place.root);
    context.skip(dirname(scratch) !== '/var/tmp', 'the policy names /var/tmp');
    const params = { run: basename(scratch), place: basename(place.root) };
    const directory = (name: string) => {
      const path = join(place.directory(name, 0o755), 'data');
      mkdirSync(path, { mode: 0o755 });
      return path;
    };
    const asked = (host: string) => ({ policy: 'values', params, mounts: [{ host, sandbox: '/input' }] });
    const code = 'import os; print(os.readlink("/input"))';
    const { stdout } = await run(code, asked(directory('allowed')));
    expect(stdout).toBe(`${requestMounts.parents.value.readOnly}/input\n`);
    const refused = await at.client.refused('pass', asked(directory('beside')));
    expect(refused.code).toBe('LW_REQUEST_MOUNT_NOT_ALLOWED');
  });
}

async function needs(context: TestContext, at: Fixture, limit: string): Promise<void> {
  const { limits_available } = (await at.daemon.status()).supervisor;
  context.skip(!limits_available.includes(limit), `needs a delegated control group for ${limit}`);
}

describe.skipIf(!isRoot)('as root (needs root)', () => {
  describeValues(withDaemon(root, { args: ['--policies', POLICIES] }));
});

describe.skipIf(!isRoot)('as an ordinary user to whom a control group was given (needs root)', () => {
  const delegated = DelegatedGroup.create(user);
  afterAll(() => delegated?.remove());
  describeValues(withDaemon(user, { args: ['--policies', POLICIES], delegated }));
});
