import { compareDiagnostics, type Diagnostic } from '../errors/diagnostic.js';
import { kernelTable } from '../kernel/table.js';
import { ARCHES } from '../kernel/types.js';
import { runSimulatedTests } from './check/simulated-tests.js';
import { refuseUnsupported } from './compile/compile.js';
import { checkLandlock } from './compile/landlock.js';
import { lowerSyscalls } from './compile/lower.js';
import { compileNotify } from './compile/notify.js';
import { parsePolicy, parseRuntime, parseTenant } from './document/parse.js';
import { withoutSuppressed } from './document/suppressions.js';
import { Findings } from './findings.js';
import { lintTenants } from './lint-tenants.js';
import { resolvePolicy } from './resolve/resolve.js';
import type { EffectivePolicy, PolicyLoader, SourceFile } from './types.js';

/**
 * Everything that can be said about policy, runtime and tenant files without a host: YAML, schema, meaning on both
 * architectures, the tests kept in them that need no kernel, and what tenants say about each other.
 *
 * @param files what to look at; policies that they extend or name are read through `loader`
 * @returns findings in the order of output: errors of all files, warnings and notes of the files that were asked for,
 * without those that a comment suppresses
 */
export function lintPolicy(files: readonly SourceFile[], loader: PolicyLoader): Diagnostic[] {
  const unique = new Map<string, Diagnostic>();
  const tenants = files.filter(({ text }) => kindOf(text) === 'Tenant');
  const others = files.filter((file) => !tenants.includes(file));
  for (const diagnostic of [...others.flatMap((file) => lintFile(file, loader)), ...lintTenantFiles(tenants, loader)]) {
    const { code, file, range, message } = diagnostic;
    unique.set(`${code} ${file} ${range.start.offset} ${message}`, diagnostic);
  }
  return [...unique.values()].sort(compareDiagnostics);
}

function lintFile(source: SourceFile, loader: PolicyLoader): Diagnostic[] {
  if (kindOf(source.text) === 'Runtime') return [...parseRuntime(source).diagnostics];
  const { value: policy, diagnostics } = resolvePolicy(source, loader);
  const all = [...diagnostics, ...(policy === undefined ? [] : lintMeaning(policy))];
  const own = all.filter(({ severity, file }) => severity === 'error' || file === source.file);
  return withoutSuppressed(own, parsePolicy(source).value?.suppressions ?? []);
}

/** Together: what is wrong with one tenant can be another's doing. */
function lintTenantFiles(sources: readonly SourceFile[], loader: PolicyLoader): Diagnostic[] {
  const findings = new Findings();
  const parsed = sources.map(parseTenant);
  const tenants = parsed.flatMap(({ value }) => value ?? []);
  lintTenants(tenants, loader, findings);
  const all = [...parsed.flatMap(({ diagnostics }) => diagnostics), ...findings.sorted()];
  const suppressions = (file: string) => tenants.find(({ places }) => places.file === file)?.suppressions ?? [];
  return all.filter((diagnostic) => withoutSuppressed([diagnostic], suppressions(diagnostic.file)).length > 0);
}

// A file whose kind cannot be read is taken for a policy, and the schema says more.
function kindOf(text: string): 'Policy' | 'Runtime' | 'Tenant' {
  const kind = /^kind: *["']?(Runtime|Tenant)\b/m.exec(text)?.[1];
  return kind === 'Runtime' || kind === 'Tenant' ? kind : 'Policy';
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
