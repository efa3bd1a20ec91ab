import { createHash, type Hash } from 'node:crypto';
import { asLeewardError, type ErrorBody, type FilePlace } from '../../../errors/leeward-error.js';
import { parsePolicy, placeOf, resolvePolicy } from '../../../policy/index.js';
import type { EffectivePolicy, Outcome, PolicyLoader, SourceFile } from '../../../policy/types.js';
import { effectiveOf } from '../effective.js';
import { fileDigest } from '../files-digest.js';
import type { PolicyFiles } from '../policy-files.js';
import { loadRuntime } from '../runtime-files.js';
import { checkedTenants } from '../tenant-files.js';
import type { Survey, SurveyedPolicy } from './survey.js';

interface Summary extends Pick<SurveyedPolicy, 'description' | 'runtime' | 'isPolicy' | 'error'> {
  /** Where its runtime is named. */
  readonly runtimePlace?: FilePlace | undefined;
}
type OnResolved = (source: SourceFile, resolution: Outcome<EffectivePolicy>) => void;
type TenantSummary = Pick<Survey, 'tenants' | 'tenantsError'>;

/** One look at all policies. */
interface Look {
  readonly files: PolicyFiles;
  /** What texts named in `extends` the last time. */
  readonly known: ReadonlyMap<string, readonly string[]>;
  readonly summaryOf: (texts: string, source: SourceFile) => Summary;
  readonly runtimes: RuntimeDigests;
}

/** Surveys policy folders again and again: what has not changed since the last time is not looked at again. */
export class Surveyor {
  /** What texts name in `extends`. */
  #extends = new Map<string, readonly string[]>();
  /** By the digest of all texts that a policy is made of. */
  #summaries = new Map<string, Summary>();
  /** By the digest of all that decides about tenants. */
  #tenants: { readonly key: string; readonly summary: TenantSummary } | undefined;

  /**
   * @param loader finds what policies extend
   * @param onResolved is told what a policy comes to that had to be looked at
   */
  survey(files: PolicyFiles, loader: PolicyLoader = files.loader, onResolved: OnResolved = () => {}): Survey {
    const summaryOf = (source: SourceFile): Summary => {
      try {
        const resolution = resolvePolicy(source, loader);
        onResolved(source, resolution);
        const policy = effectiveOf(source, resolution);
        const { description = '', runtime = null } = policy ?? {};
        const runtimePlace = runtime === null ? undefined : placeOf(runtime.origin);
        const isPolicy = policy !== undefined;
        return { description, runtime: runtime?.value ?? '', runtimePlace, isPolicy, error: null };
      } catch (error) {
        return { description: '', runtime: '', isPolicy: true, error: asLeewardError(error).toJSON() };
      }
    };
    const [known, summaries] = [this.#extends, this.#summaries];
    this.#extends = new Map();
    this.#summaries = new Map();
    const look: Look = {
      files,
      known,
      summaryOf: (texts, source) => summaries.get(texts) ?? summaryOf(source),
      runtimes: new RuntimeDigests(files),
    };
    const policies = files.policyNames().map((name) => this.#policy(name, look));
    return { policies, ...this.#tenantsOf(files, policies) };
  }

  #policy(name: string, look: Look): SurveyedPolicy {
    const { files, summaryOf, runtimes } = look;
    let source: SourceFile | undefined;
    try {
      source = files.policy(name);
      if (source === undefined) throw files.noPolicy(name);
      const texts = this.#textsOf(source, look);
      const summary = this.#summaries.get(texts) ?? summaryOf(texts, source);
      this.#summaries.set(texts, summary);
      const { runtimePlace, ...shown } = summary;
      const error = shown.error ?? missingRuntime(summary, files);
      return { name, file: source.file, ...shown, error, content: contentOf(texts, shown.runtime, runtimes) };
    } catch (thrown) {
      const error = asLeewardError(thrown).toJSON();
      const content = sha256((hash) => hash.update(`${error.code} ${error.message}`));
      return { name, file: source?.file ?? '', description: '', runtime: '', isPolicy: true, error, content };
    }
  }

  /** Digest of a policy's own text and of those that it extends, in the order in which they are met. */
  #textsOf(own: SourceFile, { files, known }: Look): string {
    const met = new Set<SourceFile>([own]);
    return sha256((hash) => {
      for (const file of met) {
        update(hash, file.file, fileDigest(file));
        const references = known.get(file.text) ?? this.#extends.get(file.text) ?? extendsOf(file);
        this.#extends.set(file.text, references);
        for (const reference of references) {
          const extended = files.extended(reference);
          update(hash, reference, extended?.file);
          if (extended !== undefined) met.add(extended);
        }
      }
    });
  }

  #tenantsOf(files: PolicyFiles, policies: readonly SurveyedPolicy[]): TenantSummary {
    const names = files.tenantNames();
    if (names.length === 0) return { tenants: [], tenantsError: null };
    try {
      const key = sha256((hash) => {
        for (const name of names) update(hash, name, files.tenant(name)?.text);
        for (const { name, content } of policies) update(hash, name, content);
      });
      if (this.#tenants?.key !== key) this.#tenants = { key, summary: tenantSummaryOf(files) };
      return this.#tenants.summary;
    } catch (error) {
      return { tenants: [], tenantsError: asLeewardError(error).toJSON() };
    }
  }
}

function tenantSummaryOf(files: PolicyFiles): TenantSummary {
  try {
    return { tenants: checkedTenants(files), tenantsError: null };
  } catch (error) {
    return { tenants: [], tenantsError: asLeewardError(error).toJSON() };
  }
}

/** A runtime can come and go while the policy stays the same. */
function missingRuntime({ runtime, runtimePlace }: Summary, files: PolicyFiles): ErrorBody | null {
  if (runtime === '' || files.runtime(runtime) !== undefined) return null;
  return files.noRuntime(runtime, runtimePlace).toJSON();
}

function extendsOf(file: SourceFile): readonly string[] {
  return parsePolicy(file).value?.document.extends ?? [];
}

function contentOf(texts: string, runtime: string, runtimes: RuntimeDigests): string {
  if (runtime === '') return texts;
  return sha256((hash) => update(hash, texts, runtimes.of(runtime)));
}

/** Many policies have the same runtime, and its lock is long. */
class RuntimeDigests {
  readonly #files: PolicyFiles;
  readonly #known = new Map<string, string>();

  constructor(files: PolicyFiles) {
    this.#files = files;
  }

  of(name: string): string {
    let digest = this.#known.get(name);
    if (digest === undefined) {
      digest = sha256((hash) => hash.update(runtimeText(name, this.#files)));
      this.#known.set(name, digest);
    }
    return digest;
  }
}

function runtimeText(name: string, files: PolicyFiles): string {
  try {
    return JSON.stringify(loadRuntime(files, name));
  } catch (error) {
    // Whoever wants to use it is told so.
    return asLeewardError(error).message;
  }
}

function sha256(write: (hash: Hash) => void): string {
  const hash = createHash('sha256');
  write(hash);
  return hash.digest('hex');
}

/** Each part with its length, so that no two lists of parts come to the same. */
function update(hash: Hash, name: string, text: string | undefined): void {
  hash.update(lengthAnd(name) + lengthAnd(text));
}

function lengthAnd(part: string | undefined): string {
  return part === undefined ? '-\n' : `${Buffer.byteLength(part)}\n${part}`;
}
