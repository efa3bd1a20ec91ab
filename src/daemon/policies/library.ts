import { dirname } from 'node:path';
import { asLeewardError, type LeewardError } from '../../errors/leeward-error.js';
import type { Arch } from '../../kernel/types.js';
import { nativeFile } from '../../native/load.js';
import {
  checkedPolicy,
  exportOci,
  type ImportOptions,
  importOci,
  type OciExport,
  type OciImport,
  placeOf,
  resolvePolicy,
  type ShownPolicy,
  showPolicy,
} from '../../policy/index.js';
import type { CheckedTenant, EffectivePolicy, PolicyLoader, SourceFile } from '../../policy/types.js';
import type { BuildOptions, LoadedRuntime, RuntimeState, RuntimeStore } from '../runtime/store.js';
import type { CompileTarget, LibraryPolicy, PolicyCompiler } from './compiling/compiler.js';
import { effectiveOf } from './effective.js';
import { type HostAbilities, hostArch } from './host-facts.js';
import { invalidPolicy } from './invalid-policy.js';
import type { PolicyFiles } from './policy-files.js';
import { readingOnce } from './reading-once.js';
import { loadRuntime } from './runtime-files.js';
import { checkedTenants } from './tenant-files.js';

/** A policy as a list shows it. */
export interface PolicyListing {
  readonly name: string;
  readonly description: string;
  readonly file: string;
  readonly runtime: string;
  /** Why it cannot be used, or null. Whether its runtime is built is not looked at. */
  readonly error: LeewardError | null;
}

/** A runtime as a list shows it. */
export interface RuntimeListing {
  readonly name: string;
  readonly description: string;
  readonly file: string;
  readonly interpreter: string;
  readonly requirements: string | null;
  readonly state: RuntimeState['state'] | 'error';
  /** Where its files are or would be; null when it needs none. */
  readonly directory: string | null;
  readonly error: LeewardError | null;
}

/** Landlock ABI of the kernel, and whether the supervisor is a root service: compiled plans depend on both. */
export type KernelAbilities = Pick<HostAbilities, 'landlockAbi' | 'privileged'>;

/** Policies and runtimes of this host: found, compiled and built. Needs no supervisor. */
export class Library {
  readonly #files: PolicyFiles;
  readonly #runtimes: RuntimeStore;
  readonly #kernel: () => KernelAbilities;
  readonly #compiler: PolicyCompiler;

  /** @param kernel asked when something is compiled */
  constructor(files: PolicyFiles, runtimes: RuntimeStore, kernel: () => KernelAbilities, compiler: PolicyCompiler) {
    this.#files = files;
    this.#runtimes = runtimes;
    this.#kernel = kernel;
    this.#compiler = compiler;
  }

  /**
   * Compiles a policy by its name. Its runtime has to be built.
   *
   * @throws LeewardError LW_REQUEST_UNKNOWN_POLICY, LW_POLICY_INVALID with the place of the first finding, LW_POLICY_UNSAFE_FILE,
   *   LW_PLAN_NOT_PROVEN, LW_RUNTIME_*
   */
  async compile(name: string): Promise<LibraryPolicy> {
    return await this.#compile(() => this.source(name));
  }

  /**
   * As `compile`, for the text of a file.
   *
   * @param runtimeDirectory undefined: the runtime has to be built; else the plan is made as if its files were there
   * @param arch whose system calls the filter is for; another than the host's only to be looked at
   */
  async compileSource(source: SourceFile, runtimeDirectory?: string, arch?: Arch): Promise<LibraryPolicy> {
    return await this.#compile(() => source, runtimeDirectory, arch);
  }

  /** @throws LeewardError LW_RUNTIME_NOT_FOUND, LW_POLICY_INVALID, LW_POLICY_UNSAFE_FILE */
  runtime(name: string): LoadedRuntime {
    return loadRuntime(this.#files, name);
  }

  /** @throws as `runtime` and `RuntimeStore.build` */
  async buildRuntime(name: string, options: BuildOptions = {}): Promise<RuntimeState> {
    return await this.#runtimes.build(this.runtime(name), options);
  }

  /**
   * A policy with everything that it extends; undefined for a file that is only there to be extended.
   *
   * @throws LeewardError LW_REQUEST_UNKNOWN_POLICY, LW_POLICY_INVALID, LW_POLICY_UNSAFE_FILE
   */
  effective(name: string): EffectivePolicy | undefined {
    return this.#effectiveOf(this.source(name), this.extended);
  }

  #effectiveOf(source: SourceFile, extended: PolicyLoader): EffectivePolicy | undefined {
    return effectiveOf(source, resolvePolicy(source, extended));
  }

  /**
   * Every value that holds under a policy, and the places that say it; also of one that is only there to be extended.
   *
   * @throws LeewardError LW_POLICY_INVALID
   */
  shown(source: SourceFile): ShownPolicy {
    const { value, diagnostics } = showPolicy(source, this.extended);
    if (value === undefined) throw invalidPolicy(source.file, diagnostics, [source]);
    return value;
  }

  /**
   * The system calls of a policy as an OCI profile.
   *
   * @param arch whose numbers and constants the profile has
   * @throws LeewardError LW_POLICY_INVALID
   */
  ociProfile(source: SourceFile, arch: Arch = hostArch()): OciExport {
    const { value: policy, diagnostics } = resolvePolicy(source, this.extended);
    if (policy === undefined) throw invalidPolicy(source.file, diagnostics, [source]);
    const exported = exportOci(policy, arch);
    if (exported.value === undefined) throw invalidPolicy(source.file, exported.diagnostics, policy.files);
    return exported.value;
  }

  /**
   * The policy that an OCI profile comes to.
   *
   * @throws LeewardError LW_POLICY_INVALID with what is wrong with the profile
   */
  importedProfile(source: SourceFile, options: ImportOptions): OciImport {
    const { value, diagnostics } = importOci(source, options, (reference) => this.#files.extended(reference));
    if (value === undefined) throw invalidPolicy(source.file, diagnostics, [source]);
    return value;
  }

  /** Names of all policy files, also those with errors. */
  policyNames(): readonly string[] {
    return this.#files.policyNames();
  }

  /**
   * The tenants that files of these folders name. Which of their policies they cannot use, and why, is with each.
   *
   * @throws LeewardError LW_POLICY_INVALID for what is wrong with a tenant itself, LW_POLICY_UNSAFE_FILE
   */
  tenants(): readonly CheckedTenant[] {
    return checkedTenants(this.#files);
  }

  /** Whether any file names a tenant. */
  get hasTenants(): boolean {
    return this.#files.tenantNames().length > 0;
  }

  /** Every policy by name, also those with errors. */
  policies(): readonly PolicyListing[] {
    const extended = readingOnce(this.extended);
    return this.#files.policyNames().flatMap((name) => this.#policyListing(name, extended) ?? []);
  }

  /** @throws LeewardError LW_REQUEST_UNKNOWN_POLICY, LW_POLICY_UNSAFE_FILE */
  source(name: string): SourceFile {
    const source = this.#files.policy(name);
    if (source === undefined) throw this.#files.noPolicy(name);
    return source;
  }

  /**
   * The text of a policy or runtime by the path of its file; undefined when there is none.
   *
   * @throws LeewardError LW_POLICY_UNSAFE_FILE; LW_POLICY_INVALID when it is not a text file
   */
  file(path: string): SourceFile | undefined {
    return this.#files.file(path);
  }

  /** Finds the files that a policy of this library means by `extends`. */
  get extended(): PolicyLoader {
    return this.#files.loader;
  }

  /**
   * The policy of a file's text, with everything that it extends; also one that is only there to be extended.
   *
   * @throws LeewardError LW_POLICY_INVALID with the place of the first finding
   */
  resolved(source: SourceFile): EffectivePolicy {
    const { value: policy, diagnostics } = checkedPolicy(source, this.extended);
    if (policy === undefined) throw invalidPolicy(source.file, diagnostics, [source]);
    return policy;
  }

  async runtimes(): Promise<readonly RuntimeListing[]> {
    return await Promise.all(this.#files.runtimeNames().map((name) => this.#runtimeListing(name)));
  }

  async #compile(source: () => SourceFile, runtimeDirectory?: string, arch: Arch = hostArch()): Promise<LibraryPolicy> {
    const { extended } = this;
    const workerDirectory = dirname(nativeFile('worker/libleeward-worker.so'));
    return await this.#compiler.compile({
      source,
      extended,
      host: { ...this.#kernel(), arch, workerDirectory },
      target: (runtime, place) => this.#target(loadRuntime(this.#files, runtime, place), runtimeDirectory),
    });
  }

  #target(runtime: LoadedRuntime, given: string | undefined): CompileTarget {
    const { spec } = runtime;
    if (runtime.lock === null) return { runtime: spec, directory: null, ready: this.#runtimes.require(runtime) };
    const ready = given === undefined ? this.#runtimes.require(runtime) : Promise.resolve(given);
    return { runtime: spec, directory: given, ready };
  }

  #policyListing(name: string, extended: PolicyLoader): PolicyListing | undefined {
    let file = '';
    try {
      const source = this.source(name);
      file = source.file;
      const policy = this.#effectiveOf(source, extended);
      if (policy === undefined) return undefined;
      const { description, runtime } = policy;
      const isMissing = runtime !== null && this.#files.runtime(runtime.value) === undefined;
      const error = isMissing ? this.#files.noRuntime(runtime.value, placeOf(runtime.origin)) : null;
      return { name, description, file, runtime: runtime?.value ?? '', error };
    } catch (error) {
      return { name, description: '', file, runtime: '', error: asLeewardError(error) };
    }
  }

  async #runtimeListing(name: string): Promise<RuntimeListing> {
    const listing = { name, description: '', file: '', interpreter: '', requirements: null, directory: null };
    try {
      const runtime = this.runtime(name);
      const { description, file, interpreter, requirements } = runtime.spec;
      const { state, directory } = await this.#runtimes.locate(runtime);
      return { name, description, file, interpreter, requirements, state, directory, error: null };
    } catch (error) {
      return { ...listing, state: 'error', error: asLeewardError(error) };
    }
  }
}
