import { compareDiagnostics, type Diagnostic, hasErrors } from '../../../errors/diagnostic.js';
import { LeewardError } from '../../../errors/leeward-error.js';
import type { SourceFile } from '../../../policy/types.js';
import type { PolicyDirectory, PolicySource } from '../../config/paths.js';
import type { PolicyCompilers } from '../compiling/compiler.js';
import type { FrozenFolders } from '../frozen-folders.js';
import type { Generation } from '../generations/generation.js';
import type { Generations } from '../generations/generations.js';
import type { FateOfJobs } from '../generations/succession.js';
import { type ComparedChange, policyChanges } from '../history/changes.js';
import type { PolicyHistory } from '../history/history.js';
import type { Pin } from '../history/pin-file.js';
import { describe, type Origin } from '../history/record.js';
import { invalidPolicy } from '../invalid-policy.js';
import { earlierFiles } from './earlier-files.js';
import { type FileChange, type FileSet, fileChanges, withFiles } from './other-files.js';
import { unbuiltRuntimes } from './unbuilt-runtimes.js';

/** A thread has a minute for what it is asked. */
const LINTED_AT_A_TIME = 32;

/** How a change is to be made. */
export interface ChangeOptions {
  /** Nothing is changed; the outcome says what would be. */
  readonly dryRun: boolean;
  /** Number of the generation that has to serve; undefined: any. */
  readonly expect: number | undefined;
  /** Digest, hex, of the names and texts that it has to be a change of; undefined: any. */
  readonly expectDigest?: string | undefined;
  /** Undefined: as for a change of files. */
  readonly running: FateOfJobs | undefined;
  readonly origin: Origin;
}

export interface ChangeOutcome {
  /** Number of the generation that it was held against. */
  readonly base: number;
  /** Of all names and texts that it is a change of, hex. */
  readonly baseDigest: string;
  /** Number of the one that serves since; undefined: nothing was changed. */
  readonly generation: number | undefined;
  /** Of all names and texts, hex. */
  readonly digest: string;
  readonly files: readonly FileChange[];
  readonly policies: readonly ComparedChange[];
  /** What is worth saying although nothing forbids it. */
  readonly findings: readonly Diagnostic[];
}

export interface PinOutcome {
  /** Number of the generation that served before. */
  readonly base: number;
  /** Number of the one that serves now. */
  readonly generation: number;
  /** Why what is in the folders is not served. */
  readonly problem: string | null;
  /** Why a power failure may undo it; null: it cannot. */
  readonly unsynced: string | null;
}

export interface ChangerOptions {
  readonly generations: Generations;
  readonly history: PolicyHistory;
  readonly compilers: PolicyCompilers;
  readonly source: PolicySource;
  /** All that are searched. */
  readonly directories: readonly PolicyDirectory[];
  /** The one whose files a change is about: that of the store, or the first one that is searched. */
  readonly folder: string;
}

/** Makes generations that somebody asks for, one after the other: what the folders of a daemon are to its watch. */
export class PolicyChanger {
  readonly #options: ChangerOptions;
  /** Settles when nobody asks what a change would do. */
  #looking: Promise<unknown> = Promise.resolve();

  constructor(options: ChangerOptions) {
    this.#options = options;
  }

  /**
   * Lets files take the place of those with the same names.
   *
   * @throws LeewardError LW_POLICY_SOURCE, LW_POLICY_STALE, LW_POLICY_PINNED; what is wrong with the files, after which what served
   *   before still does
   */
  async apply(set: FileSet, options: ChangeOptions): Promise<ChangeOutcome> {
    return await this.#change((current) => withFiles(current, this.#options.folder, set), options);
  }

  /**
   * Brings the files back that a generation had, as the next one.
   *
   * @throws LeewardError LW_POLICY_HISTORY, and as `apply`
   */
  async rollBack(number: number, options: ChangeOptions): Promise<ChangeOutcome> {
    const { history, folder } = this.#options;
    return await this.#change((current) => withFiles(current, folder, earlierFiles(history, number, folder)), options);
  }

  /**
   * Has a generation serve until `unpin`.
   *
   * @throws LeewardError LW_POLICY_HISTORY; what is wrong with it now, after which what served before still does
   */
  async pin(number: number, { author, message }: Pick<Pin, 'author' | 'message'>): Promise<PinOutcome> {
    const { generations, history, directories } = this.#options;
    return await generations.exclusively(async () => {
      const base = generations.current.number;
      const pin: Pin = { version: 1, generation: number, time: new Date().toISOString(), author, message };
      const unsynced = await generations.pin(pin, history.servable(number, directories));
      return { base, generation: number, problem: null, unsynced: unsynced?.message ?? null };
    });
  }

  /** Has that serve which is in the folders, or in the store, now. @throws LeewardError LW_POLICY_HISTORY */
  async unpin(): Promise<PinOutcome> {
    const { generations } = this.#options;
    return await generations.exclusively(async () => {
      const base = generations.current.number;
      const unsynced = await generations.unpin();
      const problem = generations.failure?.error.message ?? null;
      return { base, generation: generations.current.number, problem, unsynced: unsynced?.message ?? null };
    });
  }

  /** A change that revokes something is not to wait for what would be: that has turns of its own. */
  #change(target: (current: FrozenFolders) => FrozenFolders, options: ChangeOptions): Promise<ChangeOutcome> {
    const make = () => this.#make(target, options);
    if (!options.dryRun) return this.#options.generations.exclusively(make);
    const done = this.#looking.then(make);
    this.#looking = done.catch(() => undefined);
    return done;
  }

  async #make(target: (current: FrozenFolders) => FrozenFolders, options: ChangeOptions): Promise<ChangeOutcome> {
    const { generations } = this.#options;
    this.#check(options);
    const { current } = generations;
    const base = await this.#base();
    const baseDigest = describe(base).digest;
    checkBase(baseDigest, options);
    const folders = target(base);
    const files = fileChanges(current.folders, folders, this.#options.folder);
    const { digest } = describe(folders);
    const outcome = { base: current.number, baseDigest, generation: undefined, digest, files };
    if (files.length === 0) {
      // Whoever has let them finish may want to end them after all.
      if (!options.dryRun && options.running !== undefined) await generations.endJobs(options.running);
      return { ...outcome, policies: [], findings: [] };
    }
    const linted = await this.#lint(folders, files);
    const next = await generations.propose(folders, current);
    const policies = await policyChanges(current, next);
    const findings = [...tenantFindings(next), ...(await unbuiltRuntimes(next, policies)), ...linted];
    if (options.dryRun) return { ...outcome, policies, findings };
    await generations.adopt(next, options.running, () => this.#options.history.keep(next, options.origin, policies));
    return { ...outcome, generation: next.number, policies, findings };
  }

  /**
   * What a change is a change of: what serves; but what is in the store where that could not serve after a pin, which else would be lost.
   */
  async #base(): Promise<FrozenFolders> {
    const { generations, history, source } = this.#options;
    const { current } = generations;
    const isLeftBehind = source === 'store' && history.pin === undefined && history.latest !== current.number;
    return isLeftBehind ? await generations.present() : current.folders;
  }

  #check({ dryRun, expect, origin: { act } }: ChangeOptions): void {
    const { generations, source, folder } = this.#options;
    const { number } = generations.current;
    if (expect !== undefined && expect !== number) {
      throw new LeewardError(
        'LW_POLICY_STALE',
        `generation ${number} serves, not ${expect}: policies have changed since`,
      );
    }
    if (dryRun) return;
    if (source === 'store') {
      this.#checkPin();
      return;
    }
    const instead =
      act === 'rollback'
        ? '`leeward policy pin` has an earlier generation serve'
        : 'a dry run says what a change would do';
    throw new LeewardError('LW_POLICY_SOURCE', 'the policies of this daemon are the files in its folders', {
      hint: `change the files in ${folder}, which the daemon follows; ${instead}`,
    });
  }

  #checkPin(): void {
    const { pin } = this.#options.history;
    if (pin === undefined) return;
    throw new LeewardError('LW_POLICY_PINNED', `generation ${pin.generation} is pinned: nothing takes its place`);
  }

  /** @throws LeewardError LW_POLICY_INVALID with all that is wrong */
  async #lint(folders: FrozenFolders, changes: readonly FileChange[]): Promise<readonly Diagnostic[]> {
    const { compilers, folder } = this.#options;
    const written = changes.filter(({ name, change }) => change !== 'removed' && name.endsWith('.yaml'));
    const sources = written.map(({ name }): SourceFile => {
      const file = `${folder}/${name}`;
      return { file, text: folders.read(file) ?? '' };
    });
    const names = sources.map(({ file }) => file);
    // Tenants are looked at together: one can be wrong because of another.
    const tenants = names.filter((file) => file.startsWith(`${folder}/tenants/`));
    const others = names.filter((file) => !tenants.includes(file));
    const findings = new Map<string, Diagnostic>();
    for (const files of [...inParts(others, LINTED_AT_A_TIME), tenants]) {
      const found = files.length === 0 ? [] : await compilers.lint(folders, files);
      // What is wrong with a file that several extend is said once.
      for (const one of found) findings.set(`${one.code} ${one.file} ${one.range.start.offset} ${one.message}`, one);
    }
    const all = [...findings.values()].sort(compareDiagnostics);
    if (hasErrors(all)) throw invalidPolicy(folder, all, sources);
    return all;
  }
}

/** @throws LeewardError LW_POLICY_STALE: another daemon, or another history, has the same numbers for other files */
function checkBase(digest: string, { expectDigest }: ChangeOptions): void {
  if (expectDigest === undefined || expectDigest === digest) return;
  const texts = `sha256:${digest}, not sha256:${expectDigest}`;
  const message = `the files that this would change are others than were looked at: ${texts}`;
  const hint = 'it is a change for another daemon or history: make it again, `leeward policy apply --plan`';
  throw new LeewardError('LW_POLICY_STALE', message, { hint });
}

function inParts<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

/** Policies that tenants list, and could not use. */
function tenantFindings({ tenants }: Generation): readonly Diagnostic[] {
  const errors = tenants.flatMap(({ policies }) => policies.flatMap(({ error }) => error ?? []));
  return errors.map((error) => ({ ...error, severity: 'warning' }));
}
