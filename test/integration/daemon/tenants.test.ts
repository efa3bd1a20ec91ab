/** Several tenants at one daemon: who is served, with which policies and folders, how much, and in which order. */
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Account, isRoot, root, user } from '../../harness/account.js';
import { Connection } from '../../harness/connection.js';
import { TestDaemon } from '../../harness/daemon.js';
import { Place } from '../../harness/place.js';
import { eventually } from '../../harness/wait.js';

const account = (uid: number, gid = uid): Account => ({ name: 'user', uid, gid });
const ACME = account(12_501);
const BETA = account(12_502, 12_600);
const STRANGER = account(12_503);

/** A place with policies and tenant files, and a socket that everybody reaches. */
function placeWith(owner: Account, tenants: Readonly<Record<string, string>>): Place {
  const place = new Place(owner);
  chmodSync(join(place.root, 'run'), 0o755);
  mkdirSync(join(place.root, 'policies', 'tenants'), { recursive: true });
  const file = (name: string, text: string) => place.file(join('policies', name), `version: 1\n${text}`, 0o644, root);
  file(
    'team.yaml',
    `kind: Policy\nname: team\nextends: [python]\nmounts:
  - {source: "${place.jobs}/\${tenant}/\${job.id}/input", target: /input, readOnly: true, optional: true}
  - {source: "${place.jobs}/\${tenant}/\${job.id}/output", target: /output, create: {mode: "0700"}, optional: true}
requestMounts: {remove: [/data/jobs], allowedPaths: ["${place.jobs}/\${tenant}"]}\nlimits: {pids: 32}\n`,
  );
  file('wide.yaml', 'kind: Policy\nname: wide\nextends: [team]\nlimits: {pids: 64}\n');
  for (const [name, text] of Object.entries(tenants))
    file(`tenants/${name}.yaml`, `kind: Tenant\nname: ${name}\n${text}`);
  return place;
}

const startIn = (place: Place, ...args: string[]) =>
  TestDaemon.startIn(place, { args: ['--policies', join(place.root, 'policies'), ...args] });

describe.skipIf(!isRoot)('tenants of a root service (needs root)', () => {
  let daemon: TestDaemon;
  let acme: Connection;
  let beta: Connection;

  beforeAll(async () => {
    const place = placeWith(root, {
      acme: `identities: {uids: [${ACME.uid}]}\npolicies: [team, wide]\ndefault: team\nceiling: team\nquota: {concurrent: 2, queue: 100}\n`,
      beta: `identities: {gids: [${BETA.gid}]}\npolicies: [team]\nceiling: team\nquota: {concurrent: 1, queue: 1, perSecond: 20}\n`,
    });
    for (const [name, owner] of [['acme', ACME] as const, ['beta', BETA] as const]) {
      place.directory(`jobs/${name}`, 0o755, owner);
      place.directory(`jobs/${name}/one`, 0o700, owner);
      place.directory(`jobs/${name}/one/input`, 0o700, owner);
      place.file(`jobs/${name}/one/input/secret`, `of ${name}`, 0o600, owner);
    }
    daemon = await startIn(place, '--max-jobs', '2');
    acme = await Connection.open(place.socket, ACME);
    beta = await Connection.open(place.socket, BETA);
  });
  afterAll(async () => {
    acme?.close();
    beta?.close();
    await daemon?.stop();
  });

  const job = (client: Connection, code: string, fields = {}) => client.ask({ type: 'Execute', code, ...fields });

  it('are known by user or primary group, and nobody else is let in', async () => {
    const strange = await Connection.open(daemon.place.socket, STRANGER);
    expect(await strange.receive()).toMatchObject({ type: 'Error', error: { code: 'LW_REQUEST_NO_TENANT' } });
    strange.close();
    expect((await acme.status()).tenants).toMatchObject([{ name: 'acme', quota: { concurrent: 2 } }]);
    expect((await beta.status()).tenants).toMatchObject([{ name: 'beta', quota: { per_second: 20 } }]);
  });

  it('have folders of their own, by their users’ rights', async () => {
    const code = "print(open('/input/secret').read()); open('/output/own', 'w').write('x')";
    for (const [client, name] of [[acme, 'acme'] as const, [beta, 'beta'] as const]) {
      const answer = await job(client, code, { policy: 'team', job_id: 'one' });
      expect(answer).toMatchObject({ success: true, result: { stdout: `of ${name}\n` } });
    }
    const foreign = [{ host: join(daemon.place.jobs, 'acme/one/input'), sandbox: '/input' }];
    expect(await job(beta, 'pass', { policy: 'team', mounts: foreign })).toMatchObject({
      error: { code: 'LW_REQUEST_MOUNT_NOT_ALLOWED' },
    });
  });

  it('have host ids of their own', async () => {
    const idsOf = async (client: Connection) => {
      const answers = await Promise.all(
        [1, 2].map(() => job(client, 'import time; time.sleep(0.05)', { policy: 'team' })),
      );
      return answers.map((answer) =>
        'result' in answer ? (answer.result as { enforced: { user: object } }).enforced.user : answer,
      );
    };
    const first = await idsOf(acme);
    const second = await idsOf(beta);
    const ids = (users: object[]) => users.map((one) => (one as { outside_uid: number }).outside_uid);
    expect(ids(first).some((id) => ids(second).includes(id))).toBe(false);
  });

  it('use what their file lists, within the ceiling', async () => {
    expect(await job(acme, 'pass')).toMatchObject({ success: true, result: { policy: { name: 'team' } } });
    expect(await job(acme, 'pass', { policy: 'python' })).toMatchObject({
      success: false,
      error: { code: 'LW_REQUEST_POLICY_NOT_ALLOWED', place: { field: 'policy', line: 5, col: 1 } },
    });
    expect(await job(acme, 'pass', { policy: 'wide' })).toMatchObject({
      error: {
        message: expect.stringMatching(/^tenant acme may not use 'wide': LW-U905: .*limits\.pids$/),
        place: { line: 5 },
      },
    });
    expect(daemon.log).toContain('is not within the ceiling');
  });

  it('add no paths of their own, as an operator may', async () => {
    expect(await job(acme, 'pass', { allow_paths: ['/'] })).toMatchObject({
      error: { place: { field: 'allow_paths' } },
    });
  });

  it('wait and are refused as their quota says', async () => {
    const sleep = 'import time; time.sleep(0.3)';
    const answers = await Promise.all([1, 2, 3].map(() => job(beta, sleep, { policy: 'team' })));
    const refused = answers.filter(({ success }) => !success);
    expect(refused).toMatchObject([
      {
        error: {
          code: 'LW_REQUEST_QUOTA',
          retryable: true,
          message: 'tenant beta has no room: 1 running of at most 1 (quota.concurrent), 1 waiting (quota.queue)',
          place: { line: 7 },
        },
      },
    ]);
    const many = await Promise.all(Array.from({ length: 30 }, () => job(beta, 'pass', { policy: 'nothing' })));
    const codes = many.map(({ error }) => error?.code);
    expect(codes).toContain('LW_REQUEST_QUOTA');
    expect(codes).toContain('LW_REQUEST_POLICY_NOT_ALLOWED');
  });

  it('are served in turn, however many jobs one of them sends', async () => {
    let ended = 0;
    const flood = Array.from({ length: 60 }, async () => {
      const answer = await job(acme, 'import time; time.sleep(0.05)', { policy: 'team' });
      expect(answer.success).toBe(true);
      ended++;
    });
    await eventually('the flood is under way', 10_000, () => ended >= 4);
    const before = ended;
    const answer = await job(beta, 'pass', { policy: 'team' });
    expect(answer.success).toBe(true);
    // Of the places that became free it got one of the first.
    expect(ended - before).toBeLessThanOrEqual(6);
    await Promise.all(flood);
  });

  it('see what is their own, and an operator sees all', async () => {
    const own = await acme.status();
    expect(own.pools.map(({ tenant }) => tenant)).toEqual(own.pools.map(() => 'acme'));
    expect(own.policies.map(({ name }) => name)).toEqual(['team', 'wide']);
    expect(own).toMatchObject({ policy_errors: [], jobs: { ended: {} }, connections: null });
    const all = await daemon.status();
    expect(new Set(all.pools.map(({ tenant }) => tenant))).toEqual(new Set(['acme', 'beta']));
    expect(all.tenants.map(({ name }) => name)).toEqual(['acme', 'beta']);
  });
});

describe.skipIf(!isRoot)('processor time of a day (needs root)', () => {
  it('is kept over a restart', async () => {
    const place = placeWith(root, {
      acme: `identities: {uids: [${ACME.uid}]}\npolicies: [team]\nceiling: team\nquota: {cpuSecondsPerDay: 1}\n`,
    });
    const burn = 'import time\nwhile time.process_time() < 1.1: pass';
    const first = await startIn(place);
    const before = await Connection.open(place.socket, ACME);
    expect(await before.execute(burn, { policy: 'team' })).toMatchObject({ success: true });
    expect(await before.refused('pass', { policy: 'team' })).toMatchObject({
      code: 'LW_REQUEST_QUOTA',
      place: { line: 7 },
    });
    before.close();
    await first.stop();
    const second = await startIn(place);
    const after = await Connection.open(place.socket, ACME);
    expect(await after.refused('pass', { policy: 'team' })).toMatchObject({
      message: expect.stringContaining('quota.cpuSecondsPerDay'),
      hint: expect.stringMatching(/^try again in \d+ minutes/),
    });
    expect((await after.status()).tenants[0]?.cpu_seconds_today).toBeGreaterThan(1);
    after.close();
    await second.stop();
  });
});

describe('tenants of an ordinary user’s daemon', () => {
  it('are that user, with the policies of the file', async () => {
    const place = placeWith(user, { own: `identities: {uids: [${user.uid}]}\npolicies: [team]\nceiling: team\n` });
    const daemon = await startIn(place);
    const client = await daemon.connect();
    expect(await client.execute('print(1)', { policy: 'team' })).toMatchObject({ success: true });
    expect(await client.refused('pass')).toMatchObject({ code: 'LW_REQUEST_POLICY_NOT_ALLOWED' });
    client.close();
    await daemon.stop();
  });

  it('are nobody else: the daemon has no other’s rights', async () => {
    const place = placeWith(user, {
      other: `identities: {uids: [${STRANGER.uid}]}\npolicies: [team]\nceiling: team\n`,
    });
    await expect(startIn(place)).rejects.toThrow(`tenant other has user ${STRANGER.uid}, but this daemon`);
  });
});
