/** Generations of policies that operators look at and make. */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PolicyHistoryResult } from '../../../src/protocol/messages.gen.js';
import { type Account, isRoot, root, user } from '../../harness/account.js';
import { Connection } from '../../harness/connection.js';
import { TestDaemon } from '../../harness/daemon.js';
import { Place } from '../../harness/place.js';
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

describe.each(isRoot ? [root, user] : [user])('the generations of a daemon of $name', (account) => {
  it('have numbers that go on after a restart, and say what they changed', async () => {
    const place = new Place(account);
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
    } finally {
      await second.stop();
    }
  });
});

it.skipIf(!isRoot)('nobody but an operator is told of generations', async () => {
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
    expect(await ask(place, { type: 'PolicyHistory' }, acme)).toMatchObject({
      success: false,
      error: {
        code: 'LW_REQUEST_NOT_OPERATOR',
        message: 'user 12603 is of tenant acme, and no operator of this daemon',
      },
    });
  } finally {
    await daemon.stop();
  }
});
