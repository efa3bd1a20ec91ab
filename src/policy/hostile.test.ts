import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryDocument } from '../../test/policy/arbitrary-document.js';
import { fakeHost, findingsText, loaderWith, shippedRuntime } from '../../test/policy/shipped.js';
import type { Diagnostic } from '../errors/diagnostic.js';
import { renderDiagnostics } from '../errors/render-diagnostic.js';
import { ARCHES } from '../kernel/types.js';
import { compilePolicy, fixFile, lintPolicy, provePlan, renderShown, resolvePolicy, showPolicy } from './index.js';
import { Diagrams } from './prove/diagrams.js';
import { policyDiagram } from './prove/meaning.js';
import { BASE } from './resolve/builtins.js';
import type { EffectivePolicy, PolicyLoader, ResolvedPath, SourceFile } from './types.js';

const shipped = new Map<string, SourceFile | undefined>();

/** The same object for the same file, which is then read once. */
const loader: PolicyLoader = (reference) => {
  if (!shipped.has(reference)) shipped.set(reference, loaderWith()(reference));
  return shipped.get(reference);
};

function lint(source: SourceFile): readonly Diagnostic[] {
  return lintPolicy([source], loader, 'offered').diagnostics;
}

describe('whatever a policy file says', () => {
  it('is found wrong at its place, or means the same to the compiler, the prover and whoever it is shown to', () => {
    const outcomes = { refused: 0, used: 0 };
    fc.assert(
      fc.property(arbitraryDocument, (text) => {
        const source = { file: 'test.yaml', text };
        const found = lint(source);
        expectPlaces(found, source);
        expect(renderDiagnostics(found, new Map([[source.file, text]])).length).toBeLessThan(100 * 1024);
        const isUsable = !found.some(({ severity }) => severity === 'error');
        outcomes[isUsable ? 'used' : 'refused'] += 1;
        // One that does not extend the base is only there to be extended: alone it means nothing.
        const { value: policy } = resolvePolicy(source, loader);
        if (isUsable && policy !== undefined) expectOneMeaning(source, policy);
        const { source: changed, fixed } = fixFile(source, lint);
        expect(fixed.length > 0).toBe(changed !== source);
      }),
      { numRuns: 40 },
    );
    expect(Math.min(outcomes.refused, outcomes.used)).toBeGreaterThan(2);
  });
});

/** In the file that was asked for, or in one that it extends. */
function expectPlaces(found: readonly Diagnostic[], { file, text }: SourceFile): void {
  const texts = new Map([[file, text]]);
  for (const other of shipped.values()) if (other !== undefined) texts.set(other.file, other.text);
  for (const diagnostic of found) {
    const { start, end } = diagnostic.range;
    expect(start.offset).toBeLessThanOrEqual(end.offset);
    expect(end.offset).toBeLessThanOrEqual(texts.get(diagnostic.file)?.length ?? -1);
    expect(Math.min(start.line, start.col, end.line, end.col)).toBeGreaterThan(0);
  }
}

function expectOneMeaning(source: SourceFile, policy: EffectivePolicy): void {
  const shown = showPolicy(source, loader).value;
  if (shown === undefined) throw new Error('what resolves is shown');
  // Read as if it were the base, which extends nothing.
  const again = { file: source.file, text: renderShown(shown) };
  const read = resolved(again, (reference) => (reference === BASE ? again : undefined));
  for (const arch of ARCHES) {
    const diagrams = new Diagrams();
    expect(policyDiagram(diagrams, read.syscalls, arch)).toBe(policyDiagram(diagrams, policy.syscalls, arch));
    if (policy.abstract) continue;
    const runtime = { ...shippedRuntime('python'), name: policy.runtime?.value ?? '' };
    const { value, diagnostics } = compilePolicy(policy, runtime, fakeHost(arch, { resolve }));
    const errors = diagnostics.filter(({ code, severity }) => severity === 'error' && !isOfHost(code));
    expect(findingsText(errors)).toBe('');
    if (value !== undefined) expect(provePlan(value.plan, policy).diagnostics).toEqual([]);
  }
}

/** What only a host or a runtime shows to be wrong; and the bounds of the plan's binary form. */
function isOfHost(code: string): boolean {
  return /^LW-[MFR]/.test(code) || code === 'LW-P029';
}

/** Every path is there. */
function resolve(path: string): ResolvedPath {
  const found = fakeHost().resolve(path);
  return found.kind === 'missing' ? { real: path, kind: 'directory' } : found;
}

function resolved(source: SourceFile, from: PolicyLoader): EffectivePolicy {
  const { value, diagnostics } = resolvePolicy(source, from);
  if (value === undefined) throw new Error(findingsText(diagnostics));
  return value;
}
