// The error catalogue: schemas/errors.json -> TypeScript, C and the reference page.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const SOURCE = 'schemas/errors.json';

/**
 * @param {string} root repository root
 * @returns {Promise<{path: string, text: string}[]>} every generated file, relative to the root
 */
export async function generate(root) {
  const catalog = JSON.parse(await readFile(join(root, SOURCE), 'utf8'));
  checkCatalog(catalog);
  return [
    { path: 'src/errors/catalog.gen.ts', text: typescript(catalog) },
    { path: 'native/include/leeward_errors_gen.h', text: header(catalog) },
    { path: 'docs/reference/errors.md', text: reference(catalog) },
  ];
}

function groupOf(catalog, error) {
  return catalog.groups.find((group) => error.number >= group.from && error.number <= group.to);
}

/** Refuses what would break a promise to users: a reused number, or a code outside its group. */
export function checkCatalog(catalog) {
  const codes = new Set(catalog.retired.map(({ code }) => code));
  const numbers = new Set(catalog.retired.map(({ number }) => number));
  for (const error of catalog.errors) {
    const group = groupOf(catalog, error);
    if (!group?.prefix || !error.code.startsWith(group.prefix)) {
      throw new Error(
        `${SOURCE}: ${error.code} has number ${error.number}, which belongs to ${group?.prefix ?? 'no group'}`,
      );
    }
    if (codes.has(error.code)) throw new Error(`${SOURCE}: ${error.code} stands twice`);
    if (numbers.has(error.number)) throw new Error(`${SOURCE}: number ${error.number} stands twice`);
    codes.add(error.code);
    numbers.add(error.number);
  }
}

function typescript(catalog) {
  const quote = (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const entry = (error) =>
    [
      `  ${error.code}: {`,
      `    number: ${error.number},`,
      `    title: ${quote(error.title)},`,
      `    meaning: ${quote(error.meaning)},`,
      `    action: ${quote(error.action)},`,
      `    retryable: ${error.retryable},`,
      `    exitCode: ${error.exitCode},`,
      '  },',
    ].join('\n');
  return `// Generated from ${SOURCE} by scripts/gen/errors.mjs. Do not edit: run \`npm run gen\`.

/** What is fixed about one error code. */
export interface CatalogEntry {
  /** The same code in C and in logs; never reused. */
  readonly number: number;
  readonly title: string;
  readonly meaning: string;
  /** What the reader should do about it. */
  readonly action: string;
  /** True when the same request, sent again unchanged, may succeed. */
  readonly retryable: boolean;
  /** Exit code of the command line when it ends with this error. */
  readonly exitCode: number;
}

export const ERROR_CATALOG = {
${catalog.errors.map(entry).join('\n')}
} as const satisfies Readonly<Record<string, CatalogEntry>>;

/** A stable error code. */
export type ErrorCode = keyof typeof ERROR_CATALOG;
`;
}

function header(catalog) {
  const width = Math.max(...catalog.errors.map((error) => error.code.length));
  const line = (error) => `    ${error.code.padEnd(width)} = ${error.number}, /* ${error.title} */`;
  const name = (error) => `    case ${error.code}: return "${error.code}";`;
  return `/* Generated from ${SOURCE} by scripts/gen/errors.mjs. Do not edit: run \`npm run gen\`. */
#ifndef LEEWARD_ERRORS_GEN_H
#define LEEWARD_ERRORS_GEN_H

enum lw_error_code {
    ${'LW_NO_ERROR'.padEnd(width)} = 0,
${catalog.errors.map(line).join('\n')}
};

/* The code as users read it; "LW_INTERNAL" for a number that the catalogue does not have. */
static inline const char *lw_error_code_name(int code)
{
    switch (code) {
${catalog.errors.map(name).join('\n')}
    default: return "LW_INTERNAL";
    }
}

#endif
`;
}

function reference(catalog) {
  const section = (group) => {
    const errors = catalog.errors.filter((error) => groupOf(catalog, error) === group);
    return `## ${group.title}\n\n${errors.map(referenceEntry).join('\n')}`;
  };
  return `<!-- Generated from ${SOURCE} by scripts/gen/errors.mjs. Do not edit: run \`npm run gen\`. -->
# Error codes

A code is stable: programs may compare it. A message is for people and may change. *Retry* says whether the same request, sent
again unchanged, may succeed. *Exit* is the exit code of the command line when it ends with this error;
\`leeward policy\` has 2 for a policy that does not exist, as for any mistake in the command line.

${catalog.groups.map(section).join('\n')}`;
}

function referenceEntry(error) {
  return `### ${error.code}

*${error.title}* · number ${error.number} · retry: ${error.retryable ? 'yes' : 'no'} · exit ${error.exitCode}

${error.meaning}

**What to do.** ${error.action}
`;
}
