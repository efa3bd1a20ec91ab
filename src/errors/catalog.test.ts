import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type CatalogEntry, ERROR_CATALOG } from './catalog.gen.js';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** What may make errors: the TypeScript and C of the project, without what is generated and without tests. */
function throwingSources(): { path: string; text: string }[] {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  return ['src', 'native']
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((file) => join(folder, String(file))))
    .filter((path) => /\.(ts|c|h|cc)$/.test(path) && !/\.test\.ts$|[._]gen\.|native\/(build|test)\//.test(path))
    .map((path) => ({ path, text: statementsOf(read(path)) }));
}

/** Without comments and comparisons: who asks for a code does not make it. */
function statementsOf(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/[!=]==? *'?LW_\w+/g, '');
}

const entries: [string, CatalogEntry][] = Object.entries(ERROR_CATALOG);
const source: { errors: ({ code: string } & CatalogEntry)[] } = JSON.parse(read('schemas/errors.json'));

describe('the error catalogue', () => {
  it('is the same in schemas/errors.json and in TypeScript', () => {
    expect(source.errors.length).toBeGreaterThan(40);
    expect(Object.fromEntries(source.errors.map(({ code, ...entry }) => [code, entry]))).toEqual(ERROR_CATALOG);
  });

  it('is documented: each code has its section, and no section is about a code that does not exist', () => {
    const documented = [...read('docs/reference/errors.md').matchAll(/^### (\S+)$/gm)].map((match) => match[1]);
    expect([...documented].sort()).toEqual(entries.map(([code]) => code).sort());
  });

  it.each(entries)('%s is documented with its number, meaning and advice, and reads well', (code, entry) => {
    expect(entry.title).toMatch(/^[a-z][^.]*$/);
    expect(entry.meaning).toMatch(/^[A-Z].*\.$/s);
    expect(entry.action).toMatch(/^[A-Z].*\.$/s);
    const section = read('docs/reference/errors.md').split(`### ${code}\n`)[1]?.split('\n### ')[0];
    expect(section).toContain(`number ${entry.number} `);
    expect(section).toContain(entry.meaning);
    expect(section).toContain(entry.action);
  });

  it('is the same in C, numbers included', () => {
    const enumerators = [...read('native/include/leeward_errors_gen.h').matchAll(/^\s+(LW_\w+)\s+= (\d+),/gm)];
    const inC = Object.fromEntries(enumerators.map((match) => [match[1], Number(match[2])]));
    expect(inC).toEqual({ LW_NO_ERROR: 0, ...Object.fromEntries(entries.map(([code, { number }]) => [code, number])) });
  });

  const sources = throwingSources();

  it.each(entries)('%s has a place that makes it', (code) => {
    const places = sources.filter(({ text }) => new RegExp(`\\b${code}\\b`).test(text));
    expect(places.map(({ path }) => path)).not.toEqual([]);
  });

  it('uses only the documented exit codes', () => {
    expect(new Set(entries.map(([, { exitCode }]) => exitCode))).toEqual(new Set([1, 123, 124, 125, 126, 130, 137]));
  });
});
