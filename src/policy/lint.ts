import { compareDiagnostics, type Diagnostic } from '../errors/diagnostic.js';
import { kernelTable } from '../kernel/table.js';
import { ARCHES } from '../kernel/types.js';
import { runSimulatedTests } from './check/simulated-tests.js';
import { refuseUnsupported } from './compile/compile.js';
import { checkLandlock } from './compile/landlock.js';
import { lowerSyscalls } from './compile/lower.js';
import { compileNotify } from './compile/notify.js';
import { parsePolicy, parseRuntime } from './document/parse.js';
import { withoutSuppressed } from './document/suppressions.js';
import { Findings } from './findings.js';
import { resolvePolicy } from './resolve/resolve.js';
import type { EffectivePolicy, PolicyLoader, SourceFile } from './types.js';

/**
 * Everything that can be said about policy and runtime files without a host: YAML, schema, meaning on both
 * architectures, and the tests kept in them that need no kernel.
 *
 * @param files what to look at; files that they extend are read through `loader`
 * @returns findings in the order of output: errors of all files, warnings and notes of the files that were asked for,
 * without those that a comment suppresses
 */
export function lintPolicy(files: readonly SourceFile[], loader: PolicyLoader): Diagnostic[] {
  const unique = new Map<string, Diagnostic>();
  for (const diagnostic of files.flatMap((file) => lintFile(file, loader))) {
    const { code, file, range, message } = diagnostic;
    unique.set(`${code} ${file} ${range.start.offset} ${message}`, diagnostic);
  }
  return [...unique.values()].sort(compareDiagnostics);
}

function lintFile(source: SourceFile, loader: PolicyLoader): Diagnostic[] {
  if (isRuntime(source.text)) return [...parseRuntime(source).diagnostics];
  const { value: policy, diagnostics } = resolvePolicy(source, loader);
  const all = [...diagnostics, ...(policy === undefined ? [] : lintMeaning(policy))];
  const own = all.filter(({ severity, file }) => severity === 'error' || file === source.file);
  return withoutSuppressed(own, parsePolicy(source).value?.suppressions ?? []);
}

// A file whose kind cannot be read is taken for a policy, and the schema says more.
function isRuntime(text: string): boolean {
  return /^kind: *["']?Runtime\b/m.test(text);
}

function lintMeaning(policy: EffectivePolicy): Diagnostic[] {
  const findings = new Findings();
  if (!policy.abstract) {
    refuseUnsupported(policy, findings);
    checkLandlock(policy, findings);
  }
  for (const arch of ARCHES) {
    compileNotify(lowerSyscalls(policy.syscalls, kernelTable(arch), findings), findings);
    if (!findings.hasErrors) findings.take(runSimulatedTests(policy, arch).diagnostics);
  }
  return findings.sorted();
}
