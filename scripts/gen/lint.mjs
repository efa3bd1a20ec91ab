// The rules of `leeward policy lint`: schemas/lint.json -> TypeScript and the reference page.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const SOURCE = 'schemas/lint.json';
const NOTICE = `Generated from ${SOURCE} by scripts/gen/lint.mjs. Do not edit: run \`npm run gen\`.`;
const SEVERITIES = ['error', 'warning', 'note'];

/**
 * @param {string} root repository root
 * @returns {Promise<{path: string, text: string}[]>} every generated file, relative to the root
 */
export async function generate(root) {
  const catalog = JSON.parse(await readFile(join(root, SOURCE), 'utf8'));
  checkCatalog(catalog);
  return [
    { path: 'src/policy/lint-catalog.gen.ts', text: typescript(catalog) },
    { path: 'docs/reference/lint.md', text: reference(catalog) },
  ];
}

/** Refuses what would break a promise to users: a code that stands twice or belongs to no group. */
export function checkCatalog({ groups, rules }) {
  const codes = new Set();
  for (const { code, severity } of rules) {
    if (codes.has(code)) throw new Error(`${SOURCE}: ${code} stands twice`);
    if (!groups.some(({ prefix }) => code.startsWith(prefix))) throw new Error(`${SOURCE}: ${code} has no group`);
    if (!SEVERITIES.includes(severity)) throw new Error(`${SOURCE}: ${code} has the unknown severity ${severity}`);
    codes.add(code);
  }
}

function typescript({ rules }) {
  const quote = (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const entry = ({ code, severity, title, meaning, action }) => `  ${quote(code)}: {
    severity: ${quote(severity)},
    title: ${quote(title)},
    meaning: ${quote(meaning)},
    action: ${quote(action)},
  },`;
  return `// ${NOTICE}
import type { DiagnosticCode, Severity } from '../errors/diagnostic.js';

export interface LintRule {
  readonly severity: Severity;
  readonly title: string;
  readonly meaning: string;
  /** What to do about a finding. */
  readonly action: string;
}

export const LINT_CATALOG = {
${rules.map(entry).join('\n')}
} as const satisfies Readonly<Record<DiagnosticCode, LintRule>>;

/** A stable rule code. */
export type LintCode = keyof typeof LINT_CATALOG;
`;
}

function reference({ groups, rules }) {
  const section = ({ prefix, title }) => {
    const own = rules.filter(({ code }) => code.startsWith(prefix));
    return `## ${title}\n\n${own.map(referenceEntry).join('\n')}`;
  };
  return `<!-- ${NOTICE} -->
# Rules of \`leeward policy lint\`

A code is stable: programs may compare it. *error* forbids the use of the policy, *warning* and *note* do not. A warning that is
accepted is silenced at its line by a comment with a reason: \`# leeward-allow LW-S120: reason\`. A suppressed finding stays in the JSON and
SARIF output, with its reason.

${groups.map(section).join('\n')}`;
}

function referenceEntry({ code, severity, title, meaning, action }) {
  return `### ${code}

*${title}* · ${severity}

${meaning}

**What to do.** ${action}
`;
}
