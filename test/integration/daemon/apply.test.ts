/** Generations of policies that operators look at and make. */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorBody, PolicyChangeResult, PolicyHistoryResult } from '../../../src/protocol/messages.gen.js';
import { type Account, isRoot, root, user } from '../../harness/account.js';
import { leeward } from '../../harness/command.js';
import { Connection } from '../../harness/connection.js';
import { TestDaemon } from '../../harness/daemon.js';
import { Place } from '../../harness/place.js';
import { holdRunning } from '../../harness/running-job.js';
import { eventually } from '../../harness/wait.js';

const SECONDS = 1000;
const policy = (name: string, pids: number) =>
  `version: 1\nkind: Policy\nname: ${name}\nextends: [builtin:python@1]\nruntime: python\nlimits: {pids: ${pids}}\n`;

/** Asks one thing on a connection of its own. */
async function ask(place: Place, message: object, account: Account = place.account) {
  const connection = await Connection.open(place.socket, account);
  try {
    return await connection.ask(message);
  } finally {
    connection.close();
  }
}

async function history(place: Place): Promise<PolicyHistoryResult> {
  const answer = await ask(place, { type: 'PolicyHistory' });
  if (!('result' in answer)) throw new Error(JSON.stringify(answer));
  return answer.result as unknown as PolicyHistoryResult;
}

describe('the generations of a daemon that follows folders', () => {
  it('have numbers that go on after a restart, and say what they changed', async () => {
    const place = new Place(user);
    const folder = place.directory('policies', 0o755);
    place.file('policies/mine.yaml', policy('mine', 16));
    const args = ['--policies', folder];
    const first = await TestDaemon.startIn(place, { args });
    place.file('policies/mine.yaml', policy('mine', 15));
    await eventually('the change', 20 * SECONDS, async () => (await history(place)).generations.length === 2);
    await first.stop();
    const second = await TestDaemon.startIn(place, { args });
    try {
      const { serving, generations, problems } = await history(place);
      expect({ serving, problems }).toEqual({ serving: 2, problems: [] });
      expect(generations.map(({ number, act, changes }) => ({ number, act, changes }))).toEqual([
        { number: 2, act: 'change', changes: [{ policy: 'mine', relation: 'narrower' }] },
        { number: 1, act: 'start', changes: null },
      ]);
      expect((await second.status()).daemon.generation).toBe(2);
      // Its folders are not written: it says what a change would do, and no more.
      expect(await change(place, { ...mine(17), dry_run: true })).toMatchObject({ policies: [{ relation: 'wider' }] });
      const error = await refusal(place, mine(17));
      expect(error).toMatchObject({
        code: 'LW_POLICY_SOURCE',
        hint: expect.stringContaining('which the daemon follows'),
      });
      await change(place, { type: 'PolicyPin', generation: 1 });
      place.file('policies/mine.yaml', policy('mine', 14));
      await eventually('that it waits', 20 * SECONDS, () =>
        second.log.includes('differ from what is pinned, and wait'),
      );
      expect(await second.status()).toMatchObject({
        daemon: { generation: 1 },
        policy_source: { pinned: { waiting: true } },
      });
      expect(await change(place, { type: 'PolicyUnpin' })).toEqual({
        base: 1,
        generation: 3,
        problem: null,
        unsynced: null,
      });
      // It serves at once, and is recorded by and by.
      await eventually('the record', 20 * SECONDS, async () => (await history(place)).generations.length === 3);
      expect((await history(place)).generations[0]).toMatchObject({
        ...{ number: 3, act: 'change' },
        changes: [{ policy: 'mine', relation: 'narrower' }],
      });
    } finally {
      await second.stop();
    }
  });
});

/** A change that is answered with a result. */
async function change(place: Place, message: object): Promise<PolicyChangeResult> {
  const answer = await ask(place, message);
  if (!('result' in answer)) throw new Error(JSON.stringify(answer));
  return answer.result as unknown as PolicyChangeResult;
}

async function refusal(place: Place, message: object, account?: Account): Promise<ErrorBody> {
  const answer = await ask(place, message, account);
  if (!('error' in answer) || answer.error === undefined) throw new Error(`not refused: ${JSON.stringify(answer)}`);
  return answer.error;
}

const mine = (pids: number) => ({ type: 'PolicyApply', files: { 'mine.yaml': policy('mine', pids) } });

describe.each(isRoot ? [root, user] : [user])('the store of a daemon of $name', (account) => {
  let place: Place;
  let daemon: TestDaemon;
  let client: Connection;
  const start = async () => {
    daemon = await TestDaemon.startIn(place, { store: true, args: ['--revoke-after', '300ms'] });
    client = await daemon.connect();
  };
  const stop = async () => {
    client?.close();
    await daemon?.stop();
  };

  beforeAll(async () => {
    place = new Place(account);
    await start();
  });
  afterAll(stop);

  const serving = async () => (await daemon.status()).daemon.generation;
  const command = (...args: string[]) => leeward(place, ['policy', ...args]);

  it('serves what was applied to the next request, and says who did it', async () => {
    expect(await client.refused('', { policy: 'mine' })).toMatchObject({ code: 'LW_REQUEST_UNKNOWN_POLICY' });
    const result = await change(place, { ...mine(20), message: 'the first one' });
    expect(result).toMatchObject({ base: 1, generation: 2, policies: [{ policy: 'mine', relation: 'added' }] });
    expect((await client.run('print(1)', { policy: 'mine' })).policy).toMatchObject({ name: 'mine', generation: 2 });
    expect((await history(place)).generations[0]).toMatchObject({
      ...{ number: 2, act: 'apply', message: 'the first one', digest: result.digest },
      author: { uid: account.uid },
    });
    expect(await daemon.status()).toMatchObject({ policy_source: { kind: 'store' } });
  });

  it('does not change for a bad file, for a dry run, or for what is as it was', async () => {
    const before = await serving();
    const bad = { 'mine.yaml': policy('mine', 21), 'other.yaml': policy('other', 21).replace('21', 'many') };
    const error = await refusal(place, { type: 'PolicyApply', files: bad });
    expect(error).toMatchObject({ code: 'LW_POLICY_INVALID', place: { line: 6, col: 16 } });
    expect(error.message).toMatch(/policies\/store\/other\.yaml:6:16: error LW-/);
    const dry = await change(place, { ...mine(10), dry_run: true });
    expect(dry).toMatchObject({
      ...{ base: before, generation: null, files: [{ name: 'mine.yaml', change: 'changed' }] },
      policies: [{ policy: 'mine', relation: 'narrower', differences: [{ subject: 'limits.pids' }], more: 0 }],
    });
    expect(await change(place, mine(20))).toMatchObject({ generation: null, files: [], policies: [] });
    expect(await serving()).toBe(before);
  });

  it('is not changed for a generation that is gone: of two that expect one the second is refused', async () => {
    const base = await serving();
    const both = [22, 23].map((pids) => ask(place, { ...mine(pids), expect_generation: base }));
    const answers = await Promise.all(both);
    expect(answers.filter((answer) => 'result' in answer)).toHaveLength(1);
    const [error] = answers.flatMap((answer) => ('error' in answer ? [answer.error] : []));
    expect(error).toMatchObject({ code: 'LW_POLICY_STALE', message: expect.stringContaining(`serves, not ${base}`) });
  });

  it('takes a set from the command line, with places in the user’s files, and plans that were looked at', async () => {
    place.directory('set', 0o755);
    const file = place.file('set/mine.yaml', policy('mine', 30).replace('30', 'lots'));
    const refused = await command('apply', file);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain(`${file}:6:16: error LW-`);
    place.file('set/mine.yaml', policy('mine', 30));
    const plan = join(place.home, 'plan.json');
    const planned = await command('apply', join(place.root, 'set'), '--plan', plan);
    expect(planned).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('1 file differs; nothing was changed'),
    });
    expect(planned.stdout).toContain(`after   30  (${file}:6:16)`);
    const applied = await command('apply', plan);
    expect(applied.stdout).toContain(`1 file differs; generation ${await serving()} serves`);
    expect(await command('apply', plan)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('LW_POLICY_STALE'),
    });
  });

  it('goes back to what it was, as a generation of its own', async () => {
    const { generations } = await history(place);
    const first = generations.find(({ message }) => message === 'the first one');
    const result = await change(place, { type: 'PolicyRollback', generation: first?.number });
    expect(result.generation).toBe((generations[0]?.number ?? 0) + 1);
    expect(result.digest).toBe(first?.digest);
    expect(await refusal(place, { type: 'PolicyRollback', generation: 999 })).toMatchObject({
      code: 'LW_POLICY_HISTORY',
    });
    expect(await serving()).toBe(result.generation);
    expect((await client.run('', { policy: 'mine' })).status).toBe('ok');
  });

  it('lets jobs under another policy end, gives them time, or ends them, as it is asked', async () => {
    const job = () => holdRunning(daemon, client, '', { policy: 'mine' });
    const first = await job();
    await change(place, { ...mine(12), running: 'finish' });
    expect((await first.finish()).status).toBe('ok');
    const second = await job();
    // Wider: without a word they would go on.
    await change(place, { ...mine(13), running: 'deadline' });
    expect((await second.result).status).toBe('cancelled');
    const third = await job();
    await change(place, { ...mine(14), running: 'kill' });
    expect((await third.result).status).toBe('cancelled');
    const kept = await job();
    await change(place, { ...mine(15), running: 'finish' });
    expect(await change(place, { ...mine(15), running: 'kill' })).toMatchObject({ generation: null });
    expect((await kept.result).status).toBe('cancelled');
    const narrowed = await job();
    await change(place, mine(9));
    expect((await narrowed.result).status).toBe('cancelled');
  });

  it('serves what is pinned, also after a restart, and then what it had before', async () => {
    const { generations } = await history(place);
    const latest = generations[0]?.number;
    const first = generations.find(({ message }) => message === 'the first one')?.number;
    const pin = { type: 'PolicyPin', generation: first, message: 'until Monday' };
    expect(await change(place, pin)).toEqual({ base: latest, generation: first, problem: null, unsynced: null });
    expect((await client.run('', { policy: 'mine' })).policy?.generation).toBe(first);
    expect(await refusal(place, mine(40))).toMatchObject({ code: 'LW_POLICY_PINNED' });
    expect(await refusal(place, { type: 'PolicyRollback', generation: latest })).toMatchObject({
      code: 'LW_POLICY_PINNED',
    });
    expect(await change(place, { ...mine(40), dry_run: true })).toMatchObject({ base: first, generation: null });
    expect(await refusal(place, { ...pin, generation: 999 })).toMatchObject({ code: 'LW_POLICY_HISTORY' });
    await stop();
    const { exitCode, stderr } = await leeward(place, ['daemon', '--policies', place.directory('others', 0o755)]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`generation ${first} is of other folders`);
    expect(stderr).toMatch(/remove \/.*\/policies\/pin\.json, and none is/);
    await start();
    expect((await daemon.status()).policy_source.pinned).toMatchObject({
      ...{ generation: first, message: 'until Monday', waiting: true },
      author: { uid: account.uid },
    });
    expect((await command('unpin')).stdout).toBe(`no generation is pinned; generation ${latest} serves\n`);
    expect((await client.run('', { policy: 'mine' })).policy?.generation).toBe(latest);
    expect((await daemon.status()).policy_source.pinned).toBeNull();
  });

  it('loses with `prune` what is not given', async () => {
    await change(place, { type: 'PolicyApply', files: { 'other.yaml': policy('other', 9) }, prune: true });
    expect(await client.refused('', { policy: 'mine' })).toMatchObject({ code: 'LW_REQUEST_UNKNOWN_POLICY' });
    expect((await client.run('', { policy: 'other' })).status).toBe('ok');
  });
});

it.skipIf(!isRoot)('nobody but an operator is told of generations, or makes one (needs root)', async () => {
  const acme: Account = { name: 'user', uid: 12_603, gid: 12_603 };
  const place = new Place(root);
  chmodSync(join(place.root, 'run'), 0o755);
  const folder = place.directory('policies', 0o755);
  place.directory('policies/tenants', 0o755);
  place.file('policies/mine.yaml', policy('mine', 16));
  place.file(
    'policies/tenants/acme.yaml',
    `version: 1\nkind: Tenant\nname: acme\nidentities: {uids: [${acme.uid}]}\npolicies: [mine]\n`,
  );
  const daemon = await TestDaemon.startIn(place, { args: ['--policies', folder] });
  try {
    for (const message of [{ type: 'PolicyHistory' }, mine(20), { type: 'PolicyRollback', generation: 1 }]) {
      const error = await refusal(place, message, acme);
      expect(error).toMatchObject({ code: 'LW_REQUEST_NOT_OPERATOR', message: expect.stringContaining('tenant acme') });
    }
  } finally {
    await daemon.stop();
  }
});
