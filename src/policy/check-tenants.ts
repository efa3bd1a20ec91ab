import { compareDiagnostics, type Diagnostic } from '../errors/diagnostic.js';
import { parseTenant, type TenantFile } from './document/parse.js';
import { step } from './document/places.js';
import { Findings } from './findings.js';
import { lintTenants } from './lint-tenants.js';
import { TenantPolicies } from './tenant-policies.js';
import type { CheckedTenant, Origin, Outcome, PolicyLoader, SourceFile, TenantPolicy } from './types.js';

/**
 * The tenants of one daemon, checked together as `lintPolicy` does. An error about a policy of a tenant takes that policy from it;
 * any other error (a file that cannot be read, an id of two tenants) leaves nothing that could be served safely.
 *
 * @param sources all tenant files
 * @param loader finds the policies that they name
 */
export function checkTenants(sources: readonly SourceFile[], loader: PolicyLoader): Outcome<readonly CheckedTenant[]> {
  const findings = new Findings();
  const parsed = sources.map(parseTenant);
  const files = parsed.flatMap(({ value }) => value ?? []);
  const policies = new TenantPolicies(loader);
  lintTenants(files, policies, findings);
  const errors = findings.sorted().filter(({ severity }) => severity === 'error');
  const told = new Set<Diagnostic>();
  const tenants = files.map((file) => checkedTenant(file, errors, told));
  const fatal = [...parsed.flatMap(({ diagnostics }) => diagnostics), ...errors.filter((error) => !told.has(error))];
  const failed = fatal.some(({ severity }) => severity === 'error');
  return { value: failed ? undefined : tenants, diagnostics: [...fatal, ...told].sort(compareDiagnostics) };
}

function checkedTenant(
  { document, places }: TenantFile,
  errors: readonly Diagnostic[],
  told: Set<Diagnostic>,
): CheckedTenant {
  const tell = (origin: Origin): readonly Diagnostic[] => {
    const here = errorsAt(origin, errors);
    for (const error of here) told.add(error);
    return here;
  };
  const ofCeiling = document.ceiling === undefined ? [] : tell(places.value('/ceiling'));
  const policies = document.policies.map((name, index): TenantPolicy => {
    const origin = places.value(step('/policies', index));
    return { name, origin, error: [...tell(origin), ...ofCeiling][0] };
  });
  const { name, identities, default: byDefault, ceiling, quota = {} } = document;
  const sourced = (key: keyof typeof quota) => {
    const value = quota[key];
    return value === undefined ? undefined : { value, origin: places.value(step('/quota', key)) };
  };
  return {
    name,
    origin: places.value('/name'),
    uids: identities.uids ?? [],
    gids: identities.gids ?? [],
    identities: places.key('/identities'),
    policies,
    listed: places.key('/policies'),
    default: byDefault,
    ceiling,
    quota: {
      concurrent: sourced('concurrent'),
      queue: sourced('queue'),
      perSecond: sourced('perSecond'),
      cpuSecondsPerDay: sourced('cpuSecondsPerDay'),
      weight: sourced('weight'),
    },
  };
}

/** Errors at this place, and those that name it as one of the places that they are about. */
function errorsAt({ file, range }: Origin, errors: readonly Diagnostic[]): readonly Diagnostic[] {
  const here = (place: Origin) => place.file === file && place.range.start.offset === range.start.offset;
  return errors.filter((error) => here(error) || error.related?.some(here));
}
