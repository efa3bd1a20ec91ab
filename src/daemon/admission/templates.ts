import { fillTemplate, placeholdersOf } from '../../policy/index.js';

/** Values of the placeholders of one request: `tenant`, `job.id`, `params.NAME`. */
export type PlaceholderValues = ReadonlyMap<string, string>;

/** The template with its placeholders filled, or the name of the first one that has no value. */
export type Filled = { readonly path: string } | { readonly missing: string };

/** The protocol's schema admits only values after which a filled path is still normal. */
export function filled(template: string, values: PlaceholderValues): Filled {
  const path = fillTemplate(template, values);
  if (path !== undefined) return { path };
  return { missing: placeholdersOf(template).find((name) => !values.has(name)) ?? template };
}

/** The folder that the authors of the policy wrote: everything before the part with the first placeholder. */
export function literalFolder(template: string): string {
  const at = template.indexOf('${');
  if (at < 0) return template;
  const slash = template.lastIndexOf('/', at);
  return slash <= 0 ? '/' : template.slice(0, slash);
}

/** Placeholder values of a request. `tenant` is the tenant's name. */
export function placeholderValues(
  tenant: string,
  request: { readonly job_id?: string; readonly params?: Readonly<Record<string, string>> },
): PlaceholderValues {
  const values = new Map([['tenant', tenant]]);
  if (request.job_id !== undefined) values.set('job.id', request.job_id);
  for (const [name, value] of Object.entries(request.params ?? {})) values.set(`params.${name}`, value);
  return values;
}

/** Name of the request's field that gives a placeholder its value. */
export function fieldOfPlaceholder(name: string): string {
  return name === 'job.id' ? 'job_id' : name;
}
