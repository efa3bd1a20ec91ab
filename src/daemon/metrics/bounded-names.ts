/** What stands for everything beyond the bound; no tenant, policy or system call is called so. */
export const OTHER = '_other';

/** Pairs of tenant and policy that have series of their own. */
const MOST_PAIRS = 512;
/** Policies that have series of their own. */
const MOST_POLICIES = 128;

/**
 * Names that may be labels. They come from files of the operator, never from a request; but files come and go while a daemon runs, and a
 * series once made stays. The first ones keep their names, those that come later are counted together.
 */
export class BoundedNames {
  readonly #most: number;
  readonly #known = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether this one has series of its own. */
  has(name: string): boolean {
    if (this.#known.has(name)) return true;
    if (this.#known.size >= this.#most) return false;
    this.#known.add(name);
    return true;
  }
}

/** Tenants and policies as labels. */
export class OwnerLabels {
  readonly #pairs = new BoundedNames(MOST_PAIRS);
  readonly #policies = new BoundedNames(MOST_POLICIES);

  pair(tenant: string, policy: string): { readonly tenant: string; readonly policy: string } {
    return this.#pairs.has(`${tenant} ${policy}`) ? { tenant, policy } : { tenant: OTHER, policy: OTHER };
  }

  policy(name: string): string {
    return this.#policies.has(name) ? name : OTHER;
  }
}
