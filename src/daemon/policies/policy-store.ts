import { LeewardError } from '../../errors/leeward-error.js';
import { type Proof, placeOf } from '../../policy/index.js';
import type { CompiledPolicy, EffectivePolicy } from '../../policy/types.js';
import type { PolicyIdentity } from '../../protocol/messages.gen.js';
import type { Library, PolicyListing } from './library.js';

/** A policy that serves requests. */
export interface ServedPolicy {
  readonly compiled: CompiledPolicy;
  readonly proof: Proof;
  readonly identity: PolicyIdentity;
}

/** How long a list is kept: reading every file takes tens of milliseconds, in which no job is answered. */
const LIST_MS = 1000;

/** The set of policies that a daemon was started with. Each is compiled when it is first used, and then kept. */
export class PolicyStore {
  /** Counts the sets that were loaded. */
  readonly generation = 1;
  readonly #library: Library;
  readonly #allowAudit: boolean;
  readonly #served = new Map<string, Promise<ServedPolicy>>();
  readonly #digests = new Map<string, string>();
  #list: { readonly at: number; readonly listings: readonly PolicyListing[] } | undefined;

  /** @param options.allowAudit whether policies with `mode: audit` are served */
  constructor(library: Library, { allowAudit }: { readonly allowAudit: boolean }) {
    this.#library = library;
    this.#allowAudit = allowAudit;
  }

  /**
   * A policy by its name. What cannot be served now is tried again at the next request: a missing runtime may have been built.
   *
   * @throws LeewardError LW_POLICY_AUDIT, and as `Library.compile`
   */
  get(name: string): Promise<ServedPolicy> {
    const known = this.#served.get(name);
    if (known !== undefined) return known;
    const served = this.#compile(name);
    this.#served.set(name, served);
    served.catch(() => this.#served.delete(name));
    return served;
  }

  /** All policies of the folders, those with errors included, as they were at most a second ago. */
  list(): readonly PolicyListing[] {
    const now = performance.now();
    if (this.#list === undefined || now - this.#list.at > LIST_MS) {
      this.#list = { at: now, listings: this.#library.policies() };
    }
    return this.#list.listings;
  }

  /** Digest of a policy that was compiled, else null. */
  digestOf(name: string): string | null {
    return this.#digests.get(name) ?? null;
  }

  async #compile(name: string): Promise<ServedPolicy> {
    const { compiled, proof, digest } = await this.#library.compile(name);
    if (!this.#allowAudit) refuseAudit(compiled.policy);
    this.#digests.set(name, `sha256:${digest}`);
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
