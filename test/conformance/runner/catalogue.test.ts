import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadCatalogue } from './catalogue.js';

const SUITE = fileURLToPath(new URL('..', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leeward-catalogue-'));
  for (const name of ['cases', 'probes', 'policies']) mkdirSync(join(folder, name));
  cpSync(join(SUITE, 'case.schema.json'), join(folder, 'case.schema.json'));
  writeFileSync(join(folder, 'policies/python.yaml'), '');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const HEAD = 'class: A\ntitle: things\ncases:\n';
const CASE = '  - id: A01\n    title: something is tried\n    layers: [seccomp]\n    origin: review\n';

function findings(text: string): readonly string[] {
  writeFileSync(join(folder, 'cases/A.yaml'), text);
  return loadCatalogue(folder, [join(folder, 'policies')]).findings;
}

describe('loadCatalogue', () => {
  it('takes a case', () => {
    expect(findings(`${HEAD}${CASE}    calls: [{syscall: getpid}]\n`)).toEqual([]);
  });

  it.each<[string, string, RegExp]>([
    ['text that is no YAML', `${HEAD}  - [`, /^cases\/A\.yaml:\d+:\d+: /],
    ['an unknown member', `${HEAD}${CASE}    calls: [{syscall: getpid}]\n    tpyo: 1\n`, /^cases\/A\.yaml:4:5: .*tpyo/],
    [
      'an unknown layer',
      `${HEAD}${CASE.replace('seccomp', 'seccmop')}    calls: [{syscall: getpid}]\n`,
      /:6:14: .*layers\/0/,
    ],
    ['no body', `${HEAD}${CASE}`, /:5:12: A01: has 0 of /],
    [
      'two bodies',
      `${HEAD}${CASE}    calls: [{syscall: getpid}]\n    python: pass\n    expect: policy\n`,
      /A01: has 2 of /,
    ],
    ['a snippet without expectation', `${HEAD}${CASE}    python: pass\n`, /A01: a snippet needs `expect`/],
    ['an id twice', `${HEAD}${`${CASE}    calls: [{syscall: getpid}]\n`.repeat(2)}`, /:9:9: A01: is there twice/],
    [
      'an id of another class',
      `${HEAD}${CASE.replace('A01', 'B01')}    calls: [{syscall: getpid}]\n`,
      /B01: is not of class A/,
    ],
    [
      'a file that is not there',
      `${HEAD}${CASE}    file: A01-none.py\n    expect: policy\n`,
      /there is no probes\/A01-none\.py/,
    ],
    [
      'a policy that is not there',
      `${HEAD}${CASE}    calls: [{syscall: getpid}]\n    policies: [none]\n`,
      /:9:15: .*there is no policy none/,
    ],
    [
      'an expectation without its reason',
      `${HEAD}${CASE}    python: pass\n    expect: {errno: [EACCES]}\n`,
      /:9:13: .*none of the shapes/,
    ],
  ])('refuses %s, with its place', (_, text, finding) => {
    const found = findings(text);
    expect(found[0]).toMatch(finding);
    expect(found).toHaveLength(1);
  });

  it('needs no body for what is not yet meaningful', () => {
    expect(findings(`${HEAD}${CASE}    notYet: there are no sessions\n`)).toEqual([]);
  });

  it('needs no body where a test elsewhere tries it, which must be there', () => {
    const proven = (test: string) =>
      findings(`${HEAD}${CASE}    provenBy: [{file: test/conformance/runner/catalogue.test.ts, test: ${test}}]\n`);
    expect(proven('needs no body where a test elsewhere')).toEqual([]);
    expect(proven(`no such test ${Math.random()}`)).toEqual([
      expect.stringMatching(/:8:15: A01: test\/conformance\/runner\/catalogue\.test\.ts has no test "no such/),
    ]);
  });
});

describe('the catalogue', () => {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const { classes, findings: wrong } = loadCatalogue(SUITE, [join(root, 'policies'), join(SUITE, 'policies')]);

  it('has no mistakes', () => {
    expect(wrong).toEqual([]);
  });

  it('has every probe of class A', () => {
    const ids = classes.find((own) => own.class === 'A')?.cases.map(({ id }) => id) ?? [];
    for (let number = 1; number <= 24; number++) expect(ids).toContain(`A${String(number).padStart(2, '0')}`);
  });
});
