import type { Library } from '../../daemon/index.js';
import { digestText } from '../../plan/digest.js';
import { type CompileArch, type Compiled, compileNamed } from './compile.js';

/** What a proof of the filter says nothing about. */
const NOT_COVERED = 'reading of the YAML, number tables, execution of the filter by the kernel';

/**
 * Compiles a policy, which proves it, for this host's architecture or for others.
 *
 * @param arches none: this host's
 * @throws LeewardError as `compileNamed`; LW_PLAN_NOT_PROVEN with counterexamples
 */
export async function proveNamed(library: Library, nameOrPath: string, arches: readonly CompileArch[]) {
  const targets: readonly (CompileArch | undefined)[] = arches.length === 0 ? [undefined] : arches;
  const results: Compiled[] = [];
  for (const arch of targets) results.push(await compileNamed(library, nameOrPath, arch));
  return results;
}

export function proofText({ compiled, proof }: Compiled): string {
  const { plan, policy } = compiled;
  const rows = [
    ['instructions', String(proof.instructions)],
    ['longest path', String(proof.longestPath)],
    ['paths', String(proof.paths)],
    ['cacheable calls', String(proof.cacheable)],
    ['plan', digestText(plan.digest)],
    ['not covered', NOT_COVERED],
  ] as const;
  const lines = rows.map(([name, value]) => `  ${name.padEnd(17)}${value}\n`);
  return `${policy.name} on ${plan.arch}: proven equal to its policy for every system call\n${lines.join('')}`;
}

export function proofJson({ compiled, proof }: Compiled): unknown {
  const { plan, policy } = compiled;
  return {
    name: policy.name,
    arch: plan.arch,
    proven: true,
    plan: digestText(plan.digest),
    instructions: proof.instructions,
    longest_path: proof.longestPath,
    // A number of paths can be larger than a JSON number holds.
    paths: String(proof.paths),
    cacheable_calls: proof.cacheable,
    not_covered: NOT_COVERED,
  };
}
