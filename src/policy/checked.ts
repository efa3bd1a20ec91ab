import { kernelTable } from '../kernel/table.js';
import { ARCHES } from '../kernel/types.js';
import { lowerSyscalls } from './compile/lower.js';
import type { LoweredSyscalls } from './compile/lowered.js';
import { compileNotify } from './compile/notify.js';
import { Findings } from './findings.js';
import { resolvePolicy } from './resolve/resolve.js';
import type { EffectivePolicy, Outcome, PolicyLoader, SourceFile } from './types.js';

/**
 * As `resolvePolicy`, and every word under `syscalls` is looked up on each architecture. What is compared or tested must not have a
 * condition that stands for nothing.
 */
export function checkedPolicy(source: SourceFile, loader: PolicyLoader): Outcome<EffectivePolicy> {
  const { value, diagnostics } = resolvePolicy(source, loader);
  if (value === undefined) return { value, diagnostics };
  const findings = new Findings();
  lowerOnAll(value, findings);
  return { value: findings.hasErrors ? undefined : value, diagnostics: [...diagnostics, ...findings.sorted()] };
}

/** The policy's calls on each architecture. */
export function lowerOnAll({ syscalls }: EffectivePolicy, findings: Findings): readonly LoweredSyscalls[] {
  return ARCHES.map((arch) => {
    const calls = lowerSyscalls(syscalls, kernelTable(arch), findings);
    compileNotify(calls, findings);
    return calls;
  });
}
