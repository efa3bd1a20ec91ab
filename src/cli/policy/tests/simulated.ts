import type { Diagnostic } from '../../../errors/diagnostic.js';
import { placeText } from '../../../errors/leeward-error.js';
import { runSimulatedTest, type SyscallTest } from '../../../policy/index.js';
import type { EffectivePolicy } from '../../../policy/types.js';
import { ARCHES } from '../compile.js';
import type { TestRow } from './report.js';

/** A test that needs no kernel, on every architecture that has the call. */
export function simulatedRow(test: SyscallTest, policy: EffectivePolicy): TestRow {
  const runs = ARCHES.map((arch) => ({ arch, ...runSimulatedTest(test, policy, arch) }));
  const failed = runs.filter(({ outcome }) => outcome === 'failed');
  const reasons = new Map<string, string[]>();
  for (const { arch, diagnostics } of failed) {
    for (const text of diagnostics.map(reasonOf)) reasons.set(text, [...(reasons.get(text) ?? []), arch]);
  }
  return {
    kind: 'simulated',
    title: titleOf(test),
    outcome: failed.length > 0 ? 'failed' : 'passed',
    reasons: [...reasons].map(([text, arches]) => (arches.length === ARCHES.length ? text : `${text} (${arches})`)),
    origin: test.origin,
  };
}

function reasonOf({ message, hint, related = [] }: Diagnostic): string {
  const places = related.map(({ file, range: { start }, message: text }) => {
    return `, ${text}: ${placeText({ file, line: start.line, col: start.col })}`;
  });
  return `${message}${places.join('')}${hint === undefined ? '' : `; ${hint}`}`;
}

/** `kill(sig=9) gets EACCES`. */
function titleOf({ syscall, args, expect }: SyscallTest): string {
  const values = [...args].map(([name, { value }]) => `${name}=${value}`).join(', ');
  return `${syscall}(${values}) gets ${expect.action === 'errno' ? expect.errno : expect.action}`;
}
