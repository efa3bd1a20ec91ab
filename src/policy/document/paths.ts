/** The form of paths in policy files, and the placeholders that a host path may have. */

/** `${tenant}`, `${job.id}` and `${params.NAME}`; `$${` stands for a literal `${`. One without its `}` ends before the next `$`. */
const PLACEHOLDER = /\$(\$\{)|\$\{([^}$]*)\}?/g;
const KNOWN_PLACEHOLDER = /^(tenant|job\.id|params\.[A-Za-z_][A-Za-z0-9_]{0,63})$/;

/** True for `/a/b`: absolute, without `.`, `..`, empty parts, NUL or other control characters. */
export function isNormalPath(path: string): boolean {
  if (path === '/') return true;
  const [first, ...parts] = path.split('/');
  return first === '' && parts.length > 0 && parts.every(isNormalPart) && !hasControlCharacter(path);
}

function isNormalPart(part: string): boolean {
  return part !== '' && part !== '.' && part !== '..';
}

/** True when the text has no NUL, newline or other character that no path in a policy needs. */
export function hasControlCharacter(text: string): boolean {
  for (const character of text) {
    if (character < ' ' || character === '\u007f') return true;
  }
  return false;
}

/** The names of the placeholders of a template, each once, known or not. */
export function placeholdersOf(template: string): string[] {
  if (!template.includes('$')) return [];
  const names = [...template.matchAll(PLACEHOLDER)].flatMap((match) => (match[2] === undefined ? [] : [match[2]]));
  return [...new Set(names)];
}

/** True when a placeholder lacks its `}`. */
export function hasOpenPlaceholder(template: string): boolean {
  return [...template.matchAll(PLACEHOLDER)].some(([text, literal]) => literal === undefined && !text.endsWith('}'));
}

/** The placeholders that the language does not have. */
export function unknownPlaceholders(template: string): string[] {
  return placeholdersOf(template).filter((name) => !KNOWN_PLACEHOLDER.test(name));
}

/**
 * Fills a template.
 *
 * @param values by placeholder name; the caller has checked that each is one part of a path and neither `.` nor `..`
 * @returns undefined when a placeholder has no value
 */
export function fillTemplate(template: string, values: ReadonlyMap<string, string>): string | undefined {
  if (placeholdersOf(template).some((name) => !values.has(name))) return undefined;
  return template.replace(PLACEHOLDER, (_, literal, name) => (literal === undefined ? (values.get(name) ?? '') : '${'));
}

/** What a placeholder's value may be: one part of a path. */
export function isPlaceholderValue(value: string): boolean {
  return /^[A-Za-z0-9._-]{1,128}$/.test(value) && value !== '.' && value !== '..';
}

/** True when `path` is `parent` or lies beneath it. Both are normal. */
export function isWithin(path: string, parent: string): boolean {
  return path === parent || parent === '/' || path.startsWith(`${parent}/`);
}
