import { LeewardError } from '../../errors/leeward-error.js';
import { type Proof, placeOf } from '../../policy/index.js';
import type { CompiledPolicy, EffectivePolicy } from '../../policy/types.js';
import type { PolicyIdentity } from '../../protocol/messages.gen.js';
import type { Library } from './library.js';

/** A policy that serves requests. */
export interface ServedPolicy {
  readonly compiled: CompiledPolicy;
  readonly proof: Proof;
  readonly identity: PolicyIdentity;
}

export interface PolicyStoreOptions {
  /** Whether policies with `mode: audit` are served. */
  readonly allowAudit: boolean;
  /** Number of the generation that these are of. */
  readonly generation: number;
  /** Names of policies that are made of what they were made of in the generation before. */
  readonly unchanged?: ReadonlySet<string>;
}

/** The policies of one generation. Each is compiled when it is first used, and then kept. */
export class PolicyStore {
  readonly generation: number;
  readonly #library: Library;
  readonly #allowAudit: boolean;
  readonly #unchanged: ReadonlySet<string>;
  readonly #served = new Map<string, Promise<ServedPolicy>>();
  readonly #settled = new Map<string, ServedPolicy>();

  constructor(library: Library, { allowAudit, generation, unchanged = new Set() }: PolicyStoreOptions) {
    this.#library = library;
    this.#allowAudit = allowAudit;
    this.generation = generation;
    this.#unchanged = unchanged;
  }

  /** Takes over what the generation before has compiled of the policies that are unchanged. */
  inherit(before: PolicyStore): void {
    for (const [name, policy] of before.#served) {
      if (!this.#unchanged.has(name) || this.#served.has(name)) continue;
      const settled = before.#settled.get(name);
      this.#keep(
        name,
        policy.then((one) => this.#own(one)),
      );
      if (settled !== undefined) this.#settled.set(name, this.#own(settled));
    }
  }

  /** Those that are compiled now. */
  get compiled(): ReadonlyMap<string, ServedPolicy> {
    return this.#settled;
  }

  /**
   * A policy by its name. What cannot be served now is tried again at the next request: a missing runtime may have been built.
   *
   * @throws LeewardError LW_POLICY_AUDIT, and as `Library.compile`
   */
  get(name: string): Promise<ServedPolicy> {
    const known = this.#served.get(name);
    if (known !== undefined) return known;
    return this.#keep(name, this.#compile(name));
  }

  #keep(name: string, policy: Promise<ServedPolicy>): Promise<ServedPolicy> {
    this.#served.set(name, policy);
    policy.then(
      (served) => this.#settled.set(name, served),
      () => this.#served.delete(name),
    );
    return policy;
  }

  #own({ identity, ...policy }: ServedPolicy): ServedPolicy {
    return { ...policy, identity: { ...identity, generation: this.generation } };
  }

  async #compile(name: string): Promise<ServedPolicy> {
    const { compiled, proof, digest } = await this.#library.compile(name);
    if (!this.#allowAudit) refuseAudit(compiled.policy);
    return { compiled, proof, identity: { name, generation: this.generation, digest: `sha256:${digest}` } };
  }
}

function refuseAudit({ name, mode }: EffectivePolicy): void {
  if (mode.value === 'enforce') return;
  const message = `${name} lets through what it does not allow, and this daemon serves no policy in audit mode`;
  throw new LeewardError('LW_POLICY_AUDIT', message, {
    place: placeOf(mode.origin),
    hint: 'take `mode: audit` out, or start the daemon with --allow-audit',
  });
}
