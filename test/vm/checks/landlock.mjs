#!/usr/bin/env node
// Landlock as this kernel has it: what the receipt says, and that nothing got through.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { missingRights } from '../../../dist/kernel/landlock.js';
import { check, finish } from './check.mjs';
import { Daemon, ORDINARY } from './daemon.mjs';

/** What the shipped policies make use of. */
const POLICY_ABI = 6;
const code = readFileSync(new URL('denied.py', import.meta.url), 'utf8');
const expectedAbi = Number(process.env['LEEWARD_TEST_KERNEL_ABI']);

for (const [name, uid] of [
  ['root', 0],
  ['ordinary user', ORDINARY],
]) {
  const daemon = await Daemon.start({ uid });
  await check(`${name}: the kernel has ABI ${expectedAbi}`, async () => {
    assert.equal((await daemon.status()).supervisor.landlock_abi, expectedAbi);
  });
  await check(`${name}: nothing gets through`, async () => {
    const { status, stdout, stderr } = await daemon.run(code, { policy: 'it-landlock' });
    assert.equal(status, 'ok', stderr);
    const allowed = Object.entries(JSON.parse(stdout)).filter(([, outcome]) => outcome === 'allowed');
    // Without Landlock nothing closes a mount of the policy.
    assert.deepEqual(
      allowed.map(([attempt]) => attempt),
      expectedAbi === 0 ? ['hidden'] : [],
    );
  });
  await check(`${name}: the receipt names the ABI and the rights left out`, async () => {
    const { enforced } = await daemon.run('pass', { policy: 'it-landlock' });
    const missing = missingRights(POLICY_ABI, expectedAbi).map((right) => right.name);
    assert.deepEqual([...enforced.landlock.missing].sort(), [...missing].sort());
    assert.equal(enforced.landlock.abi, Math.min(expectedAbi, POLICY_ABI));
    assert.equal(
      enforced.landlock.status,
      expectedAbi === 0 ? 'not_enforced' : missing.length > 0 ? 'partially' : 'fully',
    );
  });
  await check(
    `${name}: a policy that demands Landlock is ${expectedAbi === 0 ? 'refused' : 'carried out'}`,
    async () => {
      const outcome = await daemon.run('pass', { policy: 'python' }).then(
        ({ status }) => status,
        (error) => error.code,
      );
      assert.equal(outcome, expectedAbi === 0 ? 'LW_POLICY_INVALID' : 'ok');
    },
  );
  await daemon.stop();
}

finish();
