import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { missingRights } from '../../src/kernel/landlock.js';
import { PACKAGE_ROOT } from '../harness/checkout.js';
import { TestDaemon } from '../harness/daemon.js';
import { DelegatedGroup } from '../harness/delegation.js';
import { asEachAccount } from './harness/account.js';

/** What the shipped policies make use of. */
const POLICY_ABI = 6;

const attempts = readFileSync(join(PACKAGE_ROOT, 'test/vm/checks/denied.py'), 'utf8');

// Most of these ABIs have no kernel that could be booted (test/vm): the newest that a supervisor may use is capped instead.
asEachAccount((account) => {
  describe('with Landlock capped', () => itNamesWhatIsLeftOut([0, 1, 2, 3, 4, 5, 6, 7]));

  if (account.name === 'user') {
    describe('with Landlock capped, in a delegated control group', () => {
      const delegated = DelegatedGroup.create(account);
      afterAll(() => delegated?.remove());
      itNamesWhatIsLeftOut([0, 3, 7], delegated);
    });
  }

  function itNamesWhatIsLeftOut(caps: readonly number[], delegated?: DelegatedGroup): void {
    it.each(caps)('at ABI %i the receipt says what is left out, and nothing gets through', async (cap) => {
      const environment = { LEEWARD_TEST_LANDLOCK_ABI: String(cap) };
      const daemon = await TestDaemon.start(account, { delegated, environment });
      const client = await daemon.connect();
      try {
        const abi = (await daemon.status()).supervisor.landlock_abi ?? 0;
        expect(abi).toBeLessThanOrEqual(cap);
        const { status, stdout, enforced } = await client.run(attempts, { policy: 'it-landlock' });
        expect(status).toBe('ok');
        const missing = missingRights(POLICY_ABI, abi).map(({ name }) => name);
        expect(enforced.landlock.abi).toBe(Math.min(abi, POLICY_ABI));
        expect([...enforced.landlock.missing].sort()).toEqual(missing.sort());

        const outcomes: Record<string, string> = JSON.parse(String(stdout));
        const allowed = Object.keys(outcomes).filter((attempt) => outcomes[attempt] === 'allowed');
        // `hidden` is Landlock's alone. What its later ABIs bring, mounts and seccomp refuse, too.
        expect(allowed).toEqual(abi === 0 ? ['hidden'] : []);
        if (abi === 0) expect((await client.refused('pass')).code).toBe('LW_POLICY_INVALID');
      } finally {
        client.close();
        await daemon.stop();
      }
    });
  }
});
