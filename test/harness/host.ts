import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Installation, install } from './checkout.js';
import { buildRuntimes } from './runtimes.js';

/** What all tests of a run share on this machine. */
export interface Host {
  readonly installation: Installation;
  /** Where tests make their files; every user may enter it. */
  readonly scratch: string;
  /** A state directory in which the shipped runtimes are built. */
  readonly builtState: string;
}

/** Not /tmp, which is memory on many hosts: one of the tests has a file of 2 GB. */
const SCRATCH_PARENT = process.env['LEEWARD_TEST_SCRATCH'] ?? '/var/tmp';

/**
 * Installs Leeward in a directory of the run's own.
 *
 * @param policies folder of the tests' own policies, relative to the repository
 */
export function prepareHost(policies: string): { host: Host; remove: () => void } {
  const scratch = mkdtempSync(join(SCRATCH_PARENT, 'leeward-test-'));
  chmodSync(scratch, 0o755);
  // Beneath node_modules vitest leaves modules as they are: tests that load some load what was built.
  const target = join(scratch, 'node_modules/leeward');
  mkdirSync(target, { recursive: true });
  const installation = install(target, policies);
  const host = { installation, scratch, builtState: buildRuntimes(installation) };
  return { host, remove: () => rmSync(scratch, { recursive: true, force: true }) };
}

let current: Host | undefined;

/** Called once in a process, before the rest of the harness is used. */
export function provideHost(host: Host): void {
  current = host;
}

/** @throws Error before `provideHost` */
export function testHost(): Host {
  if (current === undefined) throw new Error('provideHost was not called');
  return current;
}
