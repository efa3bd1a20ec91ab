import { setTimeout as sleep } from 'node:timers/promises';
import { asLeewardError, type ErrorBody, LeewardError } from '../../../errors/leeward-error.js';
import type { CheckedTenant } from '../../../policy/types.js';
import type { PolicyDirectory } from '../../config/paths.js';
import type { PolicyCompilers } from '../compiling/compiler.js';
import type { Folders } from '../folders.js';
import { FrozenFolders } from '../frozen-folders.js';
import type { Library } from '../library.js';
import { PolicyStore } from '../policy-store.js';
import type { Survey, SurveyedPolicy } from '../survey/survey.js';
import { fewAtATime } from './few-at-a-time.js';
import type { Generation } from './generation.js';
import { checkManifest } from './manifest.js';
import { checkTenantErrors } from './tenant-errors.js';

export interface LoaderOptions {
  readonly directories: readonly PolicyDirectory[];
  readonly folders: Folders;
  readonly compilers: PolicyCompilers;
  readonly libraryOf: (folders: FrozenFolders) => Library;
  /** Whether policies with `mode: audit` are served. */
  readonly allowAudit: boolean;
  /** Whether a start waits until two readings agree: somebody may be writing. */
  readonly settles?: boolean | undefined;
  /** Whether anybody else than the operators may be served. */
  readonly withTenants: boolean;
  /** Number of the generation that these become. Default: they are counted from 1 on. */
  readonly numberOf?: ((folders: FrozenFolders) => number) | undefined;
  /** @throws LeewardError for tenants that this daemon cannot serve */
  readonly checkTenants: (tenants: readonly CheckedTenant[]) => void;
}

const NOBODY = { tenants: [], tenantsError: null };
/** Between two readings that have to give the same. */
const SETTLE_MS = 50;
const MOST_READINGS = 100;
const OF_POLICIES = 'LW_POLICY_';
/** Requests that need a policy compiled wait behind no more than these. */
const PROVEN_AT_A_TIME = 8;

/** Makes generations of what is in the policy folders. */
export class GenerationLoader {
  readonly #options: LoaderOptions;
  /** What was read last and is wrong. */
  #refused: { readonly digest: string; readonly error: LeewardError } | undefined;

  constructor(options: LoaderOptions) {
    this.#options = options;
  }

  /**
   * The one that a daemon starts with. Each policy is compiled when it is first used; those with errors are not served.
   *
   * @param pinned what serves whatever is in the folders
   * @throws LeewardError LW_POLICY_INVALID for tenants or a manifest, LW_POLICY_NOT_FOUND
   */
  async first(pinned?: { readonly number: number; readonly folders: FrozenFolders }): Promise<Generation> {
    if (pinned !== undefined) return await this.#generation(pinned.number, pinned.folders, new Set());
    const folders = await (this.#options.settles ? this.#whole() : this.read());
    this.#checkManifests(folders);
    return await this.#generation(this.#numberOf(folders, undefined), folders, new Set());
  }

  /**
   * The one that follows; undefined when nothing has changed. Whatever it changes is compiled and proven.
   *
   * @throws LeewardError when anything in it has an error that the current one does not have: then that one goes on
   */
  async next(current: Generation): Promise<Generation | undefined> {
    const folders = await this.#whole(current);
    if (folders.digest === current.folders.digest) return undefined;
    if (folders.digest === this.#refused?.digest) throw this.#refused.error;
    try {
      return await this.following(current, folders);
    } catch (thrown) {
      const error = asLeewardError(thrown);
      // It will not be right at the next look either. What the host could not do may be tried again.
      this.#refused = error.code.startsWith(OF_POLICIES) ? { digest: folders.digest, error } : undefined;
      throw error;
    }
  }

  /**
   * As `next`, for folders that were read, or are to be.
   *
   * @param number of the generation; default: as `LoaderOptions.numberOf` says
   */
  async following(current: Generation, folders: FrozenFolders, number?: number): Promise<Generation> {
    this.#checkManifests(folders);
    const [before, after] = [await current.survey(), await this.#options.compilers.survey(folders)];
    const changed = changesOf(before, after);
    for (const { policy, error } of changed) if (policy.error !== null && error === null) throw errorOf(policy.error);
    const unchanged = new Set(after.policies.map(({ name }) => name));
    for (const { policy } of changed) unchanged.delete(policy.name);
    const own = number ?? this.#numberOf(folders, current);
    const next = await this.#generation(own, folders, unchanged, after);
    checkTenantErrors(current.tenants, next);
    next.policies.inherit(current.policies);
    await prove(current, next, changed);
    return next;
  }

  #checkManifests(folders: FrozenFolders): void {
    for (const { path } of this.#options.directories) checkManifest(path, folders.within(path));
  }

  /** What is in the folders now. @throws LeewardError LW_POLICY_NOT_FOUND */
  read(): Promise<FrozenFolders> {
    return FrozenFolders.read(this.#options.directories, this.#options.folders);
  }

  /** What two readings in succession agree upon; or what serves. */
  async #whole(current?: Generation): Promise<FrozenFolders> {
    let last = await this.read();
    if (last.digest === current?.folders.digest) return last;
    for (let readings = 2; readings <= MOST_READINGS; readings++) {
      await sleep(SETTLE_MS);
      const again = await this.read();
      if (again.digest === last.digest) return again;
      last = again;
    }
    throw new LeewardError('LW_POLICY_INVALID', 'the policy folders have not stood still long enough to be read');
  }

  #numberOf(folders: FrozenFolders, current: Generation | undefined): number {
    return this.#options.numberOf?.(folders) ?? (current?.number ?? 0) + 1;
  }

  async #generation(
    number: number,
    folders: FrozenFolders,
    unchanged: ReadonlySet<string>,
    surveyed?: Survey,
  ): Promise<Generation> {
    const { allowAudit, checkTenants, withTenants, compilers, libraryOf } = this.#options;
    const library = libraryOf(folders);
    let pending = surveyed === undefined ? undefined : Promise.resolve(surveyed);
    const survey = () => {
      pending ??= compilers.survey(folders);
      const asked = pending;
      asked.catch(() => {
        // The host had no room for it: whoever asks next tries again.
        if (pending === asked) pending = undefined;
      });
      return asked;
    };
    // Most daemons have no tenants: they need not be looked for.
    const { tenants, tenantsError } = withTenants && library.hasTenants ? await survey() : NOBODY;
    if (tenantsError !== null) throw errorOf(tenantsError);
    checkTenants(tenants);
    const policies = new PolicyStore(library, { allowAudit, generation: number, unchanged });
    return { number, loadedAt: new Date(), folders, library, policies, tenants, survey };
  }
}

interface Change {
  readonly policy: SurveyedPolicy;
  /** Why it could not be used before; null also when it was not there. */
  readonly error: ErrorBody | null;
}

/** Policies that are new, or are not made of what they were made of. */
function changesOf(before: Survey, after: Survey): readonly Change[] {
  const old = new Map(before.policies.map((policy) => [policy.name, policy]));
  return after.policies.flatMap((policy) => {
    const last = old.get(policy.name);
    return last?.content === policy.content ? [] : [{ policy, error: last?.error ?? null }];
  });
}

/** @throws LeewardError the error of the first policy, by name, that is served now and could not be served then */
async function prove(current: Generation, next: Generation, changed: readonly Change[]): Promise<void> {
  const usable = changed.filter(({ policy: { isPolicy, error } }) => isPolicy && error === null);
  const errors = await fewAtATime(usable, PROVEN_AT_A_TIME, ({ policy }) => compileError(next, policy.name));
  for (const [index, error] of errors.entries()) {
    const name = usable[index]?.policy.name ?? '';
    if (error !== undefined && !(await hadError(current, name))) throw error;
  }
}

/** Why a policy cannot be served, for its own sake. */
async function compileError({ policies }: Generation, name: string): Promise<LeewardError | undefined> {
  try {
    await policies.get(name);
    return undefined;
  } catch (thrown) {
    const error = asLeewardError(thrown);
    // That can be done later; a runtime that is not there is an error of the policy.
    return error.code === 'LW_RUNTIME_NOT_BUILT' ? undefined : error;
  }
}

async function hadError(current: Generation, name: string): Promise<boolean> {
  if (!current.library.policyNames().includes(name)) return false;
  return (await compileError(current, name)) !== undefined;
}

function errorOf(body: ErrorBody): LeewardError {
  return new LeewardError(body.code, body.message, body);
}
