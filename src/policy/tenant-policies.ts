import type { Diagnostic } from '../errors/diagnostic.js';
import { nearestNames } from '../errors/nearest.js';
import { checkedPolicy } from './checked.js';
import { beyond, comparePolicies } from './compare/compare.js';
import type { Difference } from './compare/difference.js';
import { didYouMean, type FindingDetails } from './findings.js';
import type { EffectivePolicy, Outcome, PolicyLoader } from './types.js';

/** Why a tenant cannot use a policy. */
export interface Problem extends Pick<FindingDetails, 'hint' | 'related'> {
  readonly message: string;
}

/** The policies that tenants name: each is resolved once, and compared with a ceiling once, however many tenants there are. */
export class TenantPolicies {
  readonly #loader: PolicyLoader;
  readonly #known = new Map<string, Outcome<EffectivePolicy> | undefined>();
  readonly #compared = new Map<string, Difference | undefined>();

  constructor(loader: PolicyLoader) {
    this.#loader = loader;
  }

  /** A policy that can be used. */
  get(name: string): EffectivePolicy | undefined {
    const policy = this.#outcome(name)?.value;
    return policy?.abstract === true ? undefined : policy;
  }

  /** Why there is no such policy to be used, or undefined. */
  problemOf(name: string): Problem | undefined {
    const outcome = this.#outcome(name);
    if (outcome === undefined) {
      const hint = didYouMean(nearestNames(name, this.#loader.names?.() ?? []));
      return { message: `there is no policy \`${name}\``, hint };
    }
    const error = outcome.diagnostics.find(({ severity }) => severity === 'error');
    if (error !== undefined) return { message: `\`${name}\` has an error`, related: [relatedTo(error)] };
    if (this.get(name) !== undefined) return undefined;
    return { message: `\`${name}\` is only there to be extended` };
  }

  /** The first difference by which a policy is not within a ceiling; undefined where one of them cannot be used. */
  beyond(ceiling: string, name: string): Difference | undefined {
    const key = `${ceiling} ${name}`;
    if (!this.#compared.has(key)) this.#compared.set(key, this.#compare(ceiling, name));
    return this.#compared.get(key);
  }

  #compare(ceiling: string, name: string): Difference | undefined {
    const [bound, policy] = [this.get(ceiling), this.get(name)];
    if (bound === undefined || policy === undefined || bound === policy) return undefined;
    return beyond(comparePolicies(bound, policy));
  }

  #outcome(name: string): Outcome<EffectivePolicy> | undefined {
    if (!this.#known.has(name)) {
      const source = this.#loader(name);
      this.#known.set(name, source && checkedPolicy(source, this.#loader));
    }
    return this.#known.get(name);
  }
}

function relatedTo({ file, range, code, message }: Diagnostic) {
  return { origin: { file, range }, message: `${code}: ${message}` };
}
