/** What tenant files say about policies and about each other. */
import { nearestNames } from '../errors/nearest.js';
import { type Difference, type Side, subjectOf } from './compare/difference.js';
import type { TenantFile } from './document/parse.js';
import { placeholdersOf } from './document/paths.js';
import { step } from './document/places.js';
import { didYouMean, type Findings } from './findings.js';
import type { TenantPolicies } from './tenant-policies.js';
import type { EffectivePolicy, Origin, Sourced } from './types.js';

const TENANT = 'tenant';

/** Name of the tenant that the daemon's own user and root are, unless a tenant file has them. */
export const OPERATORS = 'local';

/** The place at which a tenant names something. */
interface Use {
  readonly tenant: string;
  readonly origin: Origin;
}

/**
 * Checks tenants together: policies that are not there or beyond the ceiling, defaults, identities of two tenants, and folders that
 * requests of several tenants could reach.
 *
 * @param tenants all that are to be served by one daemon; what one of them says can be wrong because of another
 */
export function lintTenants(tenants: readonly TenantFile[], policies: TenantPolicies, findings: Findings): void {
  for (const tenant of tenants) {
    checkPolicies(tenant, policies, findings);
    checkCeiling(tenant, policies, findings);
  }
  checkIdentities(tenants, findings);
  for (const [name, uses] of usesOf(tenants)) checkShared(name, uses, policies, findings);
}

function checkPolicies({ document, places }: TenantFile, policies: TenantPolicies, findings: Findings): void {
  const { policies: names, default: byDefault, ceiling } = document;
  const check = (name: string, origin: Origin): void => {
    const problem = policies.problemOf(name);
    if (problem !== undefined) findings.add('LW-U900', origin, problem.message, problem);
  };
  names.forEach((name, index) => {
    check(name, places.value(step('/policies', index)));
  });
  if (byDefault !== undefined && !names.includes(byDefault)) {
    const message = `\`${byDefault}\` is the default, but none of the policies of \`${document.name}\``;
    findings.add('LW-U901', places.value('/default'), message, { hint: didYouMean(nearestNames(byDefault, names)) });
  }
  if (ceiling === undefined) {
    findings.add('LW-U904', places.key('/name'), `nothing bounds what the policies of \`${document.name}\` allow`);
  } else {
    check(ceiling, places.value('/ceiling'));
  }
}

/** Each policy that is not within the ceiling, with the first right that it has beyond it. */
function checkCeiling({ document, places }: TenantFile, policies: TenantPolicies, findings: Findings): void {
  const { policies: names, ceiling } = document;
  if (ceiling === undefined) return;
  names.forEach((name, index) => {
    const difference = policies.beyond(ceiling, name);
    if (difference === undefined) return;
    const related = sidesOf(difference, ceiling, name);
    const message = `\`${name}\` is not within the ceiling \`${ceiling}\`: ${subjectOf(difference)}`;
    findings.add('LW-U905', places.value(step('/policies', index)), message, { related });
  });
}

/** What both say; a side that says nothing has no place. */
function sidesOf({ a, b }: Difference, ceiling: string, name: string) {
  const said = (side: Side | null, who: string) =>
    side === null ? [] : [{ origin: side.origin, message: `${who}: ${side.text}` }];
  return [...said(b, `\`${name}\``), ...said(a, `the ceiling \`${ceiling}\``)];
}

/** A name or id that an earlier file has already. */
function checkIdentities(tenants: readonly TenantFile[], findings: Findings): void {
  const owners = new Map<string, Use>();
  for (const { document, places } of tenants) {
    if (document.name === OPERATORS)
      findings.add('LW-U906', places.value('/name'), `\`${OPERATORS}\` is the name of the operators`);
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

function checkShared(name: string, uses: readonly Use[], policies: TenantPolicies, findings: Findings): void {
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
