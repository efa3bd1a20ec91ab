import { compareDiagnostics, type Diagnostic, hasErrors } from '../errors/diagnostic.js';
import { nearestNames } from '../errors/nearest.js';
import { ARCHES } from '../kernel/types.js';
import { runSimulatedTests } from './check/simulated-tests.js';
import { lowerOnAll } from './checked.js';
import { refuseUnsupported } from './compile/compile.js';
import { checkLandlock } from './compile/landlock.js';
import { deleteComment } from './document/edits.js';
import { parsePolicy, parseRuntime, parseTenant } from './document/parse.js';
import { type SuppressedDiagnostic, type Suppression, siftSuppressed } from './document/suppressions.js';
import { didYouMean, Findings } from './findings.js';
import { withProvenFixes } from './fixes.js';
import { lintFilter } from './lint-filter.js';
import { lintTenants } from './lint-tenants.js';
import { resolvePolicy } from './resolve/resolve.js';
import { TenantPolicies } from './tenant-policies.js';
import type { EffectivePolicy, PolicyLoader, SourceFile } from './types.js';

export interface LintResult {
  /** In the order of output: errors of all files, warnings and notes of the files that were asked for. */
  readonly diagnostics: readonly Diagnostic[];
  /** Warnings and notes that a comment silences, in the same order. */
  readonly suppressed: readonly SuppressedDiagnostic[];
}

type Fixes = 'proven' | 'offered';

/**
 * Everything that can be said about policy, runtime and tenant files without a host: YAML, schema, meaning on both
 * architectures, the tests kept in them that need no kernel, and what tenants say about each other.
 *
 * @param files what to look at; policies that they extend or name are read through `loader`
 * @param fixes `proven`: each was tried, and those that do not hold are left out; `offered`: for a caller that tries them itself
 */
export function lintPolicy(files: readonly SourceFile[], loader: PolicyLoader, fixes: Fixes = 'proven'): LintResult {
  const diagnostics = new Map<string, Diagnostic>();
  const suppressed = new Map<string, SuppressedDiagnostic>();
  const tenants = files.filter(({ text }) => kindOf(text) === 'Tenant');
  const others = files.filter((file) => !tenants.includes(file));
  const results = [...others.map((file) => lintFile(file, loader, fixes)), lintTenantFiles(tenants, loader, fixes)];
  for (const result of results) {
    for (const diagnostic of result.diagnostics) {
      const key = keyOf(diagnostic);
      // A file that another one extends has its fixes only where it was asked for.
      if (diagnostic.fix !== undefined || !diagnostics.has(key)) diagnostics.set(key, diagnostic);
    }
    for (const one of result.suppressed) suppressed.set(keyOf(one.diagnostic), one);
  }
  return {
    diagnostics: [...diagnostics.values()].sort(compareDiagnostics),
    suppressed: [...suppressed.values()].sort((a, b) => compareDiagnostics(a.diagnostic, b.diagnostic)),
  };
}

function keyOf({ code, file, range, message }: Diagnostic): string {
  return `${code} ${file} ${range.start.offset} ${message}`;
}

function lintFile(source: SourceFile, loader: PolicyLoader, fixes: Fixes): LintResult {
  const { diagnostics, suppressed } = lintOnce(source, loader);
  if (fixes === 'offered') return { diagnostics, suppressed };
  const again = (changed: SourceFile) => lintOnce(changed, loader).diagnostics;
  return { diagnostics: withProvenFixes(diagnostics, source, again), suppressed };
}

function lintOnce(source: SourceFile, loader: PolicyLoader): LintResult {
  if (kindOf(source.text) === 'Runtime') return { diagnostics: parseRuntime(source).diagnostics, suppressed: [] };
  const { value: policy, diagnostics } = resolvePolicy(source, loader);
  const all = [...diagnostics, ...(policy === undefined ? [] : lintMeaning(policy, loader))];
  const own = all.flatMap((diagnostic) => ofFile(source, diagnostic));
  const { left, suppressed, unused } = siftSuppressed(own, parsePolicy(source).value?.suppressions ?? []);
  // What a file of groups alone means is only known where it is extended, and after an error not everything was looked for.
  const needless = policy === undefined || hasErrors(own) ? [] : needlessFindings(unused, [source]);
  return { diagnostics: [...left, ...needless], suppressed };
}

/** Of other files the errors are shown, without what would change them. */
function ofFile(source: SourceFile, diagnostic: Diagnostic): Diagnostic[] {
  if (diagnostic.file === source.file) return [diagnostic];
  const { fix: _, ...rest } = diagnostic;
  return diagnostic.severity === 'error' ? [rest] : [];
}

/** Suppressions that silence nothing, where everything was looked for. */
function needlessFindings(unused: readonly Suppression[], sources: readonly SourceFile[]): Diagnostic[] {
  const findings = new Findings();
  for (const suppression of unused) {
    const text = sources.find(({ file }) => file === suppression.origin.file)?.text ?? '';
    noteUnused(suppression, text, findings);
  }
  return findings.sorted();
}

function noteUnused({ code, origin }: Suppression, text: string, findings: Findings): void {
  findings.add('LW-P030', origin, `there is no ${code} at this line`, () => {
    return { fix: { title: 'delete the comment', edits: [deleteComment(text, origin.range)] } };
  });
}

/** Together: what is wrong with one tenant can be another's doing. */
function lintTenantFiles(sources: readonly SourceFile[], loader: PolicyLoader, fixes: Fixes): LintResult {
  const policies = new TenantPolicies(loader);
  const { diagnostics, suppressed } = lintTenantsOnce(sources, policies);
  if (fixes === 'offered') return { diagnostics, suppressed };
  const proven = sources.reduce<readonly Diagnostic[]>((found, source) => {
    return withProvenFixes(found, source, (changed) => {
      const all = sources.map((other) => (other === source ? changed : other));
      return lintTenantsOnce(all, policies).diagnostics;
    });
  }, diagnostics);
  return { diagnostics: proven, suppressed };
}

function lintTenantsOnce(sources: readonly SourceFile[], policies: TenantPolicies): LintResult {
  const findings = new Findings();
  const parsed = sources.map(parseTenant);
  const tenants = parsed.flatMap(({ value }) => value ?? []);
  lintTenants(tenants, policies, findings);
  const all = [...parsed.flatMap(({ diagnostics }) => diagnostics), ...findings.sorted()];
  const { left, suppressed, unused } = siftSuppressed(
    all,
    tenants.flatMap(({ suppressions }) => suppressions),
  );
  return { diagnostics: [...left, ...(hasErrors(all) ? [] : needlessFindings(unused, sources))], suppressed };
}

// A file whose kind cannot be read is taken for a policy, and the schema says more.
function kindOf(text: string): 'Policy' | 'Runtime' | 'Tenant' {
  const kind = /^kind: *["']?(Runtime|Tenant)\b/m.exec(text)?.[1];
  return kind === 'Runtime' || kind === 'Tenant' ? kind : 'Policy';
}

function lintMeaning(policy: EffectivePolicy, loader: PolicyLoader): Diagnostic[] {
  const findings = new Findings();
  if (!policy.abstract) {
    checkRuntime(policy, loader, findings);
    refuseUnsupported(policy, findings);
    checkLandlock(policy, findings);
  }
  const lowered = lowerOnAll(policy, findings);
  for (const arch of findings.hasErrors ? [] : ARCHES) findings.take(runSimulatedTests(policy, arch).diagnostics);
  if (!policy.abstract && !findings.hasErrors) lintFilter(policy, lowered, findings);
  return findings.sorted();
}

/** One that is only there to be extended may be extended where there is such a runtime. */
function checkRuntime({ runtime }: EffectivePolicy, { runtimes }: PolicyLoader, findings: Findings): void {
  const known = runtime === null ? undefined : runtimes?.();
  if (runtime === null || known === undefined || known.includes(runtime.value)) return;
  const near = didYouMean(nearestNames(runtime.value, known));
  const hint = near ?? `runtimes: ${known.join(', ')}`;
  findings.add('LW-R804', runtime.origin, `there is no runtime \`${runtime.value}\``, { hint });
}
