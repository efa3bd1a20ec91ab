import { asLeewardError } from '../../../errors/leeward-error.js';
import type { PolicyTest } from '../../../policy/types.js';
import { requiredFields } from '../../../probe/areas/requests.js';
import type { ExecuteResponse } from '../../../protocol/messages.gen.js';
import { type SandboxOptions, withSandboxes } from '../sandboxes.js';
import type { TestRow } from './report.js';

export type PythonTest = Extract<PolicyTest, { kind: 'python' }>;

/**
 * Runs each test in a fresh sandbox of the policy. Where this host runs no job of it, each has failed for that reason.
 *
 * @throws LeewardError LW_JOB_CANCELLED when it was interrupted
 */
export async function liveRows(tests: readonly PythonTest[], options: SandboxOptions): Promise<readonly TestRow[]> {
  if (tests.length === 0) return [];
  try {
    return await withSandboxes(options, async ({ name, daemon, scratch, run }) => {
      const { compiled } = await daemon.library.compile(name);
      const required = requiredFields({ compiled, scratch });
      const rows: TestRow[] = [];
      for (const test of tests) rows.push(liveRow(test, reasonOf(test, await run({ code: test.code, ...required }))));
      return rows;
    });
  } catch (error) {
    const { code, message, hint } = asLeewardError(error);
    if (code === 'LW_JOB_CANCELLED') throw error;
    const reason = `no job runs here: ${message}${hint === undefined ? '' : `; ${hint}`}`;
    return tests.map((test) => liveRow(test, reason));
  }
}

function liveRow(test: PythonTest, reason: string | undefined): TestRow {
  const reasons = reason === undefined ? [] : [reason];
  return { ...rowOf(test), outcome: reason === undefined ? 'passed' : 'failed', reasons };
}

export function leftOutRow(test: PythonTest, reason: string): TestRow {
  return { ...rowOf(test), outcome: 'left out', reasons: [reason] };
}

function rowOf({ code, error, origin }: PythonTest): Pick<TestRow, 'kind' | 'title' | 'origin'> {
  const lines = code.trimEnd().split('\n');
  const text = lines.length === 1 ? lines[0] : `${lines[0]} ...`;
  return { kind: 'live', title: `\`${text}\` ${endOf(error)}`, origin };
}

function endOf(error: string | null): string {
  return error === null ? 'ends normally' : `raises ${error}`;
}

/** Why an answer is not what the test expects; undefined when it is. */
export function reasonOf(test: PythonTest, { result, error }: ExecuteResponse): string | undefined {
  if (result === undefined) return `it was refused: ${error?.message ?? 'no reason was given'}`;
  const name = result.error?.name ?? null;
  if (test.error === null ? result.status === 'ok' : result.status === 'error' && name === test.error) return undefined;
  const raised = result.status === 'error' && name !== null;
  const seen = raised ? `it raised ${name}: ${result.error?.value}` : `it ended with status ${result.status}`;
  const refused = result.denials.flatMap(({ syscall }) => syscall ?? []);
  return refused.length === 0 ? seen : `${seen} (refused: ${[...new Set(refused)].join(', ')})`;
}
