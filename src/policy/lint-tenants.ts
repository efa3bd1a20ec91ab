/** What tenant files say about policies and about each other. */
import type { TenantFile } from './document/parse.js';
import { placeholdersOf } from './document/paths.js';
import { step } from './document/places.js';
import type { Findings } from './findings.js';
import { resolvePolicy } from './resolve/resolve.js';
import type { EffectivePolicy, Origin, PolicyLoader, Sourced } from './types.js';

const TENANT = 'tenant';

/** The place at which a tenant names something. */
interface Use {
  readonly tenant: string;
  readonly origin: Origin;
}

/**
 * Checks tenants together: policies that are not there, defaults, identities of two tenants, and folders that requests of several
 * tenants could reach.
 *
 * @param tenants all that are to be served by one daemon; what one of them says can be wrong because of another
 */
export function lintTenants(tenants: readonly TenantFile[], loader: PolicyLoader, findings: Findings): void {
  const policies = new Policies(loader);
  for (const tenant of tenants) checkPolicies(tenant, policies, findings);
  checkIdentities(tenants, findings);
  for (const [name, uses] of usesOf(tenants)) checkShared(name, uses, policies, findings);
}

/** The policies that tenants name, each resolved once. What is wrong with one of them is said where it is checked itself. */
class Policies {
  readonly #loader: PolicyLoader;
  readonly #known = new Map<string, EffectivePolicy | undefined>();

  constructor(loader: PolicyLoader) {
    this.#loader = loader;
  }

  /** A policy that can be used; undefined when it has errors, too. */
  get(name: string): EffectivePolicy | undefined {
    if (!this.#known.has(name)) {
      const source = this.#loader(name);
      this.#known.set(name, source && resolvePolicy(source, this.#loader).value);
    }
    return this.#known.get(name);
  }

  /** Why there is no such policy to be used, or undefined. */
  problemOf(name: string): string | undefined {
    if (this.#loader(name) === undefined) return `there is no policy \`${name}\``;
    return this.get(name)?.abstract === true ? `\`${name}\` is only there to be extended` : undefined;
  }
}

function checkPolicies({ document, places }: TenantFile, policies: Policies, findings: Findings): void {
  const { policies: names, default: byDefault, ceiling } = document;
  names.forEach((name, index) => {
    const problem = policies.problemOf(name);
    if (problem !== undefined) findings.add('LW-U900', places.value(step('/policies', index)), problem);
  });
  if (byDefault !== undefined && !names.includes(byDefault)) {
    const place = places.value('/default');
    findings.add('LW-U901', place, `\`${byDefault}\` is the default, but none of the policies of \`${document.name}\``);
  }
  if (ceiling === undefined) {
    findings.add('LW-U904', places.key('/name'), `nothing bounds what the policies of \`${document.name}\` allow`);
    return;
  }
  const problem = policies.problemOf(ceiling);
  if (problem !== undefined) findings.add('LW-U900', places.value('/ceiling'), problem);
}

/** A name or id that an earlier file has already. */
function checkIdentities(tenants: readonly TenantFile[], findings: Findings): void {
  const owners = new Map<string, Use>();
  for (const { document, places } of tenants) {
    const own = (what: string, origin: Origin): void => {
      const owner = owners.get(what);
      if (owner === undefined) {
        owners.set(what, { tenant: document.name, origin });
        return;
      }
      const related = [{ origin: owner.origin, message: `of \`${owner.tenant}\` here` }];
      findings.add('LW-U902', origin, `${what} belongs to two tenants`, { related });
    };
    own(`the name \`${document.name}\``, places.value('/name'));
    for (const [key, word] of [
      ['uids', 'user'],
      ['gids', 'group'],
    ] as const) {
      document.identities[key]?.forEach((id, index) => {
        own(`${word} id ${id}`, places.value(`/identities/${key}/${index}`));
      });
    }
  }
}

function usesOf(tenants: readonly TenantFile[]): ReadonlyMap<string, readonly Use[]> {
  const uses = new Map<string, Use[]>();
  for (const { document, places } of tenants) {
    document.policies.forEach((name, index) => {
      const use = { tenant: document.name, origin: places.value(step('/policies', index)) };
      uses.set(name, [...(uses.get(name) ?? []), use]);
    });
  }
  return uses;
}

function checkShared(name: string, uses: readonly Use[], policies: Policies, findings: Findings): void {
  const policy = uses.length > 1 ? policies.get(name) : undefined;
  if (policy === undefined) return;
  for (const { value, origin } of tenantPaths(policy)) {
    if (placeholdersOf(value).includes(TENANT)) continue;
    const related = uses.map((use) => ({ origin: use.origin, message: `used by \`${use.tenant}\`` }));
    const message = `requests of ${uses.length} tenants reach \`${value}\`, which has no \`\${tenant}\``;
    findings.add('LW-U903', origin, message, { related });
  }
}

/** Host paths that what a request says leads to. A mount without placeholders is the policy's own, the same for everybody. */
function tenantPaths({ requestMounts, mounts }: EffectivePolicy): readonly Sourced<string>[] {
  const templates = mounts.flatMap((mount) =>
    mount.kind === 'bind' && placeholdersOf(mount.source).length > 0
      ? [{ value: mount.source, origin: mount.origin }]
      : [],
  );
  return [...requestMounts.allowedPaths, ...templates];
}
