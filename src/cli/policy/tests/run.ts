import type { Library } from '../../../daemon/index.js';
import { coverageOf } from '../../../policy/index.js';
import type { EffectivePolicy } from '../../../policy/types.js';
import type { SandboxOptions } from '../sandboxes.js';
import { namedSource } from '../source.js';
import { leftOutRow, liveRows, type PythonTest } from './live.js';
import type { PolicyTestReport, TestRow } from './report.js';
import { simulatedRow } from './simulated.js';

export interface TestOptions extends SandboxOptions {
  /** false: tests that need a real sandbox are left out. */
  readonly live: boolean;
}

/**
 * Runs the tests in a policy's own file.
 *
 * @throws LeewardError when the policy does not exist or has an error
 */
export async function testPolicy(library: Library, { live, ...options }: TestOptions): Promise<PolicyTestReport> {
  const policy = library.resolved(namedSource(library, options.policy));
  const python = policy.tests.filter((test): test is PythonTest => test.kind === 'python');
  const reason = live ? auditReason(policy) : 'needs a real sandbox (--no-live)';
  const inSandboxes =
    reason === undefined ? await liveRows(python, options) : python.map((test) => leftOutRow(test, reason));
  const rows = policy.tests.map((test) =>
    test.kind === 'syscall' ? simulatedRow(test, policy) : (inSandboxes[python.indexOf(test)] as TestRow),
  );
  return { label: options.policy, rows, coverage: coverageOf(policy) };
}

/** Tests say what holds when the policy is enforced. */
function auditReason({ mode }: EffectivePolicy): string | undefined {
  return mode.value === 'audit' ? 'nothing is refused by default under `mode: audit`' : undefined;
}
