import type { Library, LibraryPolicy } from '../../daemon/index.js';
import { LeewardError } from '../../errors/leeward-error.js';
import { digestText } from '../../plan/digest.js';
import { resolvePolicy } from '../../policy/index.js';
import type { SourceFile } from '../../policy/types.js';
import { jsonValue } from '../json.js';
import { namedSource } from './source.js';

/** The architectures that there are tables for. */
export const ARCHES = ['x86_64', 'arm64'] as const;
export type CompileArch = (typeof ARCHES)[number];

/** A compiled policy, and whether its runtime has yet to be built. */
export interface Compiled extends LibraryPolicy {
  readonly runtimeBuilt: boolean;
}

/**
 * Compiles a policy by its name or by the path of its file. A runtime that is not built is taken as if it were: the plan
 * says where it would be.
 *
 * @throws LeewardError as `Library.compile`; LW_POLICY_NOT_FOUND for a path
 */
export async function compileNamed(library: Library, nameOrPath: string, arch?: CompileArch): Promise<Compiled> {
  const source = namedSource(library, nameOrPath);
  try {
    return { ...(await library.compileSource(source, undefined, arch)), runtimeBuilt: true };
  } catch (error) {
    if (!(error instanceof LeewardError) || error.code !== 'LW_RUNTIME_NOT_BUILT') throw error;
  }
  const directory = await futureDirectory(library, source);
  return { ...(await library.compileSource(source, directory, arch)), runtimeBuilt: false };
}

/** For programs: the plan as plain data, and what it was made from. */
export function compiledJson({ compiled, digest, runtimeBuilt }: Compiled): unknown {
  const { plan, policy, runtime } = compiled;
  return {
    name: policy.name,
    files: policy.files.map(({ file }) => file),
    policy_digest: `sha256:${digest}`,
    runtime: { name: runtime.name, built: runtimeBuilt },
    plan: { ...(jsonValue(plan) as object), digest: digestText(plan.digest) },
  };
}

async function futureDirectory(library: Library, source: SourceFile): Promise<string> {
  const { value: policy } = resolvePolicy(source, library.extended);
  const runtimes = await library.runtimes();
  const runtime = runtimes.find(({ name }) => name === policy?.runtime?.value);
  if (runtime?.directory == null) throw new LeewardError('LW_INTERNAL', `${source.file} names a runtime without files`);
  return runtime.directory;
}
