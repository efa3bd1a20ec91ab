import type { Diagnostic } from '../../../errors/diagnostic.js';
import type { FilePlace } from '../../../errors/leeward-error.js';
import type { Proof } from '../../../policy/index.js';
import type { CompiledPolicy, PolicyLoader, RuntimeSpec, SourceFile } from '../../../policy/types.js';
import type { FrozenFolders } from '../frozen-folders.js';
import type { HostAbilities } from '../host-facts.js';
import type { Survey } from '../survey/survey.js';

/** A compiled policy, the texts that its findings point into, and what is worth saying although nothing forbids its use. */
export interface LibraryPolicy {
  readonly compiled: CompiledPolicy;
  /** That the plan's filter means what the policy says. */
  readonly proof: Proof;
  /** sha256 over the policy's file and those that it extends, hex. */
  readonly digest: string;
  readonly warnings: readonly Diagnostic[];
}

/** A policy to be compiled, and whom to ask for what is known only when it is read. */
export interface CompileTask {
  /** Its own file, which is read when its turn comes. */
  readonly source: () => SourceFile;
  readonly extended: PolicyLoader;
  readonly host: HostAbilities;
  /** What a policy that names this runtime, at this place, is compiled for. */
  readonly target: (runtime: string, place?: FilePlace) => CompileTarget;
}

export interface CompileTarget {
  readonly runtime: RuntimeSpec;
  /** Where the runtime's files are, null when it needs none; undefined when only `ready` tells. */
  readonly directory: string | null | undefined;
  /** Whether the runtime can be used, and where its files are. */
  readonly ready: Promise<string | null>;
}

/** Compiles policies and proves what comes of them. */
export interface PolicyCompiler {
  /**
   * @throws LeewardError what the task's functions throw; LW_POLICY_INVALID with the place of the first finding;
   *   LW_PLAN_NOT_PROVEN
   */
  compile(task: CompileTask): Promise<LibraryPolicy>;
}

/** Whoever compiles policies of one state of the policy folders after the other. */
export interface PolicyCompilers {
  /** Compiles policies of these folders: only they are asked for. */
  compilerOf(folders: FrozenFolders): PolicyCompiler;
  /** Tells what is in these folders. */
  survey(folders: FrozenFolders): Promise<Survey>;
  /**
   * Everything that can be said about some of these folders' files.
   *
   * @param files as findings name them
   * @throws LeewardError LW_POLICY_UNSAFE_FILE and others for a file that cannot be read
   */
  lint(folders: FrozenFolders, files: readonly string[]): Promise<readonly Diagnostic[]>;
  /** Gets ready, so that the first policy does not wait for it. */
  warm(): void;
  /** Gives up what is being compiled. Nothing can be compiled any more. */
  close(): void;
}
