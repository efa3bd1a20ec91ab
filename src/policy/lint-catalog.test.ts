import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readFile } from '../../test/policy/shipped.js';
import { LINT_CATALOG } from './lint-catalog.gen.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const codes = Object.keys(LINT_CATALOG);

function filesIn(folder: string, extension: string): string[] {
  return readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(extension))
    .map((name) => `${folder}/${name}`);
}

describe('the catalogue of rules', () => {
  it('is in the order of the codes', () => {
    const groups = [...new Set(codes.map((code) => code.slice(0, 4)))];
    expect(codes).toEqual(groups.flatMap((group) => codes.filter((code) => code.startsWith(group)).sort()));
  });

  it('is all of the reference page, and nothing else is', () => {
    const documented = [...readFile('docs/reference/lint.md').text.matchAll(/^### (\S+)$/gm)].map((match) => match[1]);
    expect(documented).toEqual(codes);
  });

  const prose = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'];

  it.each([...prose, ...filesIn('docs', '.md'), ...filesIn('policies', '.yaml'), 'schemas/lint.json'])(
    'has every rule that %s names',
    (file) => {
      const named = readFile(file).text.match(/\bLW-[A-Z][0-9]{3}\b/g) ?? [];
      expect(named.filter((code) => !codes.includes(code))).toEqual([]);
    },
  );
});
