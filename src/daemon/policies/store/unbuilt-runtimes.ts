import type { Diagnostic } from '../../../errors/diagnostic.js';
import { asLeewardError } from '../../../errors/leeward-error.js';
import { effectivePolicy } from '../generations/effective-policy.js';
import type { Generation } from '../generations/generation.js';
import type { PolicyChange } from '../history/changes.js';

/** Policies among these whose jobs fail until somebody builds their runtime. */
export async function unbuiltRuntimes(
  next: Generation,
  changes: readonly PolicyChange[],
): Promise<readonly Diagnostic[]> {
  const findings: Diagnostic[] = [];
  for (const { policy, relation } of changes) {
    const finding = relation === 'removed' ? undefined : await findingOf(policy, next);
    if (finding !== undefined) findings.push(finding);
  }
  return findings;
}

async function findingOf(name: string, next: Generation): Promise<Diagnostic | undefined> {
  try {
    await next.policies.get(name);
    return undefined;
  } catch (thrown) {
    const { code, hint } = asLeewardError(thrown);
    const runtime = code === 'LW_RUNTIME_NOT_BUILT' ? effectivePolicy(name, next)?.runtime : undefined;
    if (!runtime) return undefined;
    const message = `runtime \`${runtime.value}\` is not built: jobs under \`${name}\` fail until it is`;
    const finding = { code: 'LW-R802', severity: 'warning', message, ...runtime.origin } as const;
    return hint === undefined ? finding : { ...finding, hint };
  }
}
