import type { Diagnostic } from '../../../errors/diagnostic.js';
import { resolvePolicy } from '../../../policy/index.js';
import type { FrozenFolders } from '../frozen-folders.js';
import { hostFacts } from '../host-facts.js';
import { lintFiles } from '../lint-files.js';
import { PolicyFiles } from '../policy-files.js';
import type { Survey } from '../survey/survey.js';
import { Surveyor } from '../survey/surveyor.js';
import { compileResolved, resolvedPolicy, whileAnswering } from './compile-policy.js';
import type { CompileTask, LibraryPolicy, PolicyCompiler, PolicyCompilers } from './compiler.js';

/** Compiles where it is called: for one policy, for which a thread would take longer to start. */
export class InProcessCompiler implements PolicyCompiler {
  async compile(task: CompileTask): Promise<LibraryPolicy> {
    const source = task.source();
    const resolved = resolvedPolicy(resolvePolicy(source, task.extended), source);
    const { host } = task;
    const { runtime, directory, ready } = task.target(resolved.runtime, resolved.runtimePlace);
    const compiled = (where: string | null) => compileResolved(resolved, runtime, hostFacts(host, where));
    if (directory === undefined) return compiled(await ready);
    return await whileAnswering(ready, async () => compiled(directory));
  }
}

/** Without threads: everything else waits meanwhile. */
export class InProcessCompilers implements PolicyCompilers {
  readonly #surveyor = new Surveyor();

  compilerOf(): PolicyCompiler {
    return new InProcessCompiler();
  }

  async survey(folders: FrozenFolders): Promise<Survey> {
    return this.#surveyor.survey(new PolicyFiles(folders.data.directories, folders));
  }

  async lint(folders: FrozenFolders, files: readonly string[]): Promise<readonly Diagnostic[]> {
    return lintFiles(new PolicyFiles(folders.data.directories, folders), files);
  }

  warm(): void {}

  close(): void {}
}
