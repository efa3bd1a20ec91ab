/** Host-side probes that are tests of the C parts: what they need is inside of the launcher. */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Outcome } from '../../../src/probe/verdict.js';
import { PACKAGE_ROOT } from '../../harness/checkout.js';
import type { HostAttempt, HostProbe } from './host-probe.js';

const NATIVE = join(PACKAGE_ROOT, 'native');
const OUTCOMES: Readonly<Record<string, Outcome>> = { ok: 'BLOCKED', 'not ok': 'ESCAPED', skip: 'SKIPPED' };

/**
 * A test program of native/test, `NAME_test.c`. With the argument `control` it does the same without the step that is to hold,
 * and each of its lines must then be a `not ok`.
 */
export function nativeProbe(name: string): HostProbe {
  return {
    control: async () => lines(name, ['control']),
    run: async ({ variant }) => lines(name, variant.confines ? [] : ['control']),
  };
}

/** `ok NAME`, `not ok NAME: WHY`, `skip NAME: WHY`, as native/test/run.sh reads them. */
function lines(name: string, args: readonly string[]): readonly HostAttempt[] {
  execFileSync('make', ['-C', NATIVE, '--no-print-directory', `build/test/${name}_test`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const { stdout, status, signal } = spawnSync(join(NATIVE, `build/test/${name}_test`), args, {
    cwd: NATIVE,
    encoding: 'utf8',
    timeout: 60_000,
  });
  const attempts = stdout.split('\n').flatMap((line): readonly HostAttempt[] => {
    const [, verdict = '', attempt = '', why = ''] = /^(ok|not ok|skip) ([^:]+)(?:: (.*))?$/.exec(line) ?? [];
    const outcome = OUTCOMES[verdict];
    return outcome === undefined ? [] : [{ name: attempt, outcome, detail: why || 'as the test wants it' }];
  });
  if (attempts.length > 0) return attempts;
  throw new Error(`${name}_test ended with ${signal ?? status} and said nothing`);
}
