import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { type Installation, install } from './checkout.js';
import { buildRuntimes } from './runtimes.js';

declare module 'vitest' {
  interface ProvidedContext {
    installation: Installation;
    /** Where tests make their files; every user may enter it. */
    scratch: string;
    /** A state directory in which the shipped runtimes are built. */
    builtState: string;
  }
}

/** Not /tmp, which is memory on many hosts: one of the tests has a file of 2 GB. */
const SCRATCH_PARENT = process.env['LEEWARD_TEST_SCRATCH'] ?? '/var/tmp';

export function setup(project: TestProject): () => void {
  const scratch = mkdtempSync(join(SCRATCH_PARENT, 'leeward-test-'));
  chmodSync(scratch, 0o755);
  // Beneath node_modules vitest leaves modules as they are: tests that load some load what was built.
  const target = join(scratch, 'node_modules/leeward');
  mkdirSync(target, { recursive: true });
  const installation = install(target);
  project.provide('installation', installation);
  project.provide('scratch', scratch);
  project.provide('builtState', buildRuntimes(installation));
  return () => rmSync(scratch, { recursive: true, force: true });
}
