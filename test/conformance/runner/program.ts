/** Programs of the policies that cases name. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Arch } from '../../../src/kernel/types.js';
import { builtinPath, compilePolicy, parseRuntime, resolvePolicy } from '../../../src/policy/index.js';
import type { SourceFile } from '../../../src/policy/types.js';
import { Program } from '../../../src/probe/program.js';
import { PACKAGE_ROOT } from '../../harness/checkout.js';
import { fakeHost, findingsText } from '../../policy/shipped.js';

/** Of this machine. */
export const ARCH: Arch = process.arch === 'arm64' ? 'arm64' : 'x86_64';

const programs = new Map<string, Program>();

/**
 * The program of a shipped policy or of one in the suite's folder.
 *
 * @param folders where policies are, relative to the repository
 * @throws Error when it does not compile
 */
export function programOf(name: string, folders: readonly string[]): Program {
  let program = programs.get(name);
  if (program === undefined) {
    program = compile(name, folders);
    programs.set(name, program);
  }
  return program;
}

// What the host is like has no part in the program; a receipt's digest shows that it is the one that ran.
function compile(name: string, folders: readonly string[]): Program {
  const load = (reference: string): SourceFile | undefined => {
    const builtin = builtinPath(reference);
    const paths = builtin === undefined ? folders.map((folder) => `${folder}/${reference}.yaml`) : [builtin];
    return paths.map(read).find((file) => file !== undefined);
  };
  const file = load(name);
  if (file === undefined) throw new Error(`there is no policy ${name}`);
  const policy = resolvePolicy(file, load);
  if (policy.value === undefined) throw new Error(findingsText(policy.diagnostics));
  const runtimeName = policy.value.runtime?.value ?? '';
  const runtimeFile = folders
    .map((folder) => read(`${folder}/runtimes/${runtimeName}.yaml`))
    .find((found) => found !== undefined);
  if (runtimeFile === undefined) throw new Error(`there is no runtime ${runtimeName}`);
  const runtime = parseRuntime(runtimeFile);
  if (runtime.value === undefined) throw new Error(findingsText(runtime.diagnostics));
  const compiled = compilePolicy(policy.value, runtime.value, fakeHost(ARCH));
  if (compiled.value === undefined) throw new Error(findingsText(compiled.diagnostics));
  return new Program(compiled.value.plan, policy.value.syscalls);
}

function read(path: string): SourceFile | undefined {
  const absolute = join(PACKAGE_ROOT, path);
  return existsSync(absolute) ? { file: path, text: readFileSync(absolute, 'utf8') } : undefined;
}
