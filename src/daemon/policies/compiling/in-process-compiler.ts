import { resolvePolicy } from '../../../policy/index.js';
import { compileResolved, resolvedPolicy, whileAnswering } from './compile-policy.js';
import type { CompileTask, LibraryPolicy, PolicyCompiler } from './compiler.js';

/** Compiles where it is called: for one policy, for which a thread would take longer to start. */
export class InProcessCompiler implements PolicyCompiler {
  async compile(task: CompileTask): Promise<LibraryPolicy> {
    const source = task.source();
    const resolved = resolvedPolicy(resolvePolicy(source, task.extended), source);
    const { runtime, host, directory, ready } = task.target(resolved.runtime);
    if (directory === undefined) return compileResolved(resolved, { runtime, host, directory: await ready });
    return await whileAnswering(ready, async () => compileResolved(resolved, { runtime, host, directory }));
  }

  close(): void {}
}
