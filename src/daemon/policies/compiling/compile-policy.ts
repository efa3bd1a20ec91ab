/** From a policy's text to a proven plan: what every compiler does, in whatever thread. */
import type { Diagnostic } from '../../../errors/diagnostic.js';
import { type FilePlace, LeewardError } from '../../../errors/leeward-error.js';
import { renderDiagnostics } from '../../../errors/render-diagnostic.js';
import { compilePolicy, placeOf, provePlan } from '../../../policy/index.js';
import type { EffectivePolicy, HostFacts, Outcome, RuntimeSpec, SourceFile } from '../../../policy/types.js';
import { filesDigest } from '../files-digest.js';
import { invalidPolicy, sourcesOf } from '../invalid-policy.js';
import type { LibraryPolicy } from './compiler.js';

/** A policy that can be compiled once its runtime is known. */
export interface ResolvedPolicy {
  readonly policy: EffectivePolicy;
  /** Name of its runtime. */
  readonly runtime: string;
  /** Where it is named. */
  readonly runtimePlace: FilePlace;
  readonly notes: readonly Diagnostic[];
}

/** @throws LeewardError LW_POLICY_INVALID when the policy has errors or names no runtime */
export function resolvedPolicy(
  { value: policy, diagnostics }: Outcome<EffectivePolicy>,
  source: SourceFile,
): ResolvedPolicy {
  if (policy === undefined) throw invalidPolicy(source.file, diagnostics, [source]);
  if (policy.runtime !== null) {
    const { value, origin } = policy.runtime;
    return { policy, runtime: value, runtimePlace: placeOf(origin), notes: diagnostics };
  }
  const { file, range } = policy.origin;
  const place = { file, line: range.start.line, col: range.start.col };
  throw new LeewardError('LW_POLICY_INVALID', `policy ${policy.name} names no runtime`, { place });
}

/** @throws LeewardError LW_POLICY_INVALID, LW_PLAN_NOT_PROVEN */
export function compileResolved(
  { policy, notes }: ResolvedPolicy,
  runtime: RuntimeSpec,
  facts: HostFacts,
): LibraryPolicy {
  const { value: compiled, diagnostics } = compilePolicy(policy, runtime, facts);
  if (compiled === undefined) throw invalidPolicy(policy.origin.file, diagnostics, policy.files);
  const { value: proof, diagnostics: differences } = provePlan(compiled.plan, policy);
  if (proof === undefined) {
    const text = renderDiagnostics(differences, sourcesOf(policy.files));
    throw new LeewardError('LW_PLAN_NOT_PROVEN', `the filter of ${policy.name} differs from the policy:\n${text}`);
  }
  return { compiled, proof, digest: filesDigest(policy.files), warnings: [...notes, ...diagnostics] };
}

/**
 * Does work while an interpreter answers: nothing in a plan depends on what it says. Its error comes first, because those of the
 * policy can follow from it.
 */
export async function whileAnswering<Value>(answer: Promise<unknown>, work: () => Promise<Value>): Promise<Value> {
  const [interpreter, done] = await Promise.allSettled([answer, work()]);
  if (interpreter.status === 'rejected') throw interpreter.reason;
  if (done.status === 'rejected') throw done.reason;
  return done.value;
}
