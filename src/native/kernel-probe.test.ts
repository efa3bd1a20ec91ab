import { execFileSync } from 'node:child_process';
import { release } from 'node:os';
import { expect, test } from 'vitest';

import { kernelProbe } from './kernel-probe.js';
import { nativeFile } from './load.js';

test('the probe agrees with what other tools say of this host', () => {
  const probe = kernelProbe();
  expect(probe.release).toBe(release());
  expect(probe.machine).toBe(execFileSync('uname', ['-m'], { encoding: 'utf8' }).trim());
  expect(probe.landlockAbi === 0).toBe(probe.landlockReason !== null);
  expect(probe.seccompActions).toContain('errno');
  expect(probe.calls['openat2']).toBe('present');
  expect(probe.pidfd).toBe(true);
});

test('a user namespace is made in a child, and the answer is the one of unshare(1)', () => {
  const { userNamespaces } = kernelProbe();
  expect(userNamespaces.allowed).toBe(userNamespaces.reason === null);
  const unshare = (): void =>
    void execFileSync('unshare', ['--user', '--map-root-user', '--mount', 'true'], { stdio: 'ignore' });
  if (userNamespaces.allowed) expect(unshare).not.toThrow();
  else expect(unshare).toThrow();
});

const { allowed } = kernelProbe().userNamespaces;

test.skipIf(!allowed)('with no namespace left, the refusal names step and errno (needs user namespaces)', () => {
  const ask = `const { probeKernel } = require(${JSON.stringify(nativeFile('leeward.node'))});
    const { userNamespaceStep, userNamespaceErrno } = probeKernel();
    console.log(userNamespaceStep, userNamespaceErrno);`;
  // The limit of a user namespace holds for those beneath it: the host's own is not touched.
  const script = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$0" -e "$1"';
  const args = ['--user', '--map-root-user', 'sh', '-c', script, process.execPath, ask];
  expect(execFileSync('unshare', args, { encoding: 'utf8' }).trim()).toBe('unshare user namespace ENOSPC');
});
