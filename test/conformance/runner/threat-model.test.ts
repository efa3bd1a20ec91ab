import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../harness/checkout.js';
import type { Case, CaseClass } from './case.js';
import { loadCatalogue } from './catalogue.js';
import { allLayers } from './layers.js';
import { casesOf, threatFindings, threatsOf, withLayers } from './threats.js';

const DOCUMENT = join(PACKAGE_ROOT, 'docs/threat-model.md');
const SUITE = join(PACKAGE_ROOT, 'test/conformance');
const ORDER = allLayers().map(({ name }) => name);

describe('docs/threat-model.md', () => {
  const text = readFileSync(DOCUMENT, 'utf8');
  const { classes } = loadCatalogue(SUITE, [join(PACKAGE_ROOT, 'policies'), join(SUITE, 'policies')]);

  it('names every case of the catalogue in one row, and none that is not there', () => {
    expect(threatsOf(text).length).toBeGreaterThan(20);
    expect(threatFindings(threatsOf(text), classes)).toEqual([]);
  });

  it('has the layers that the cases name, which `npm run golden:update -- threat-model` fills in', async () => {
    await expect(withLayers(text, classes, ORDER)).toMatchFileSnapshot(DOCUMENT);
  });

  it('numbers its threats, each number once', () => {
    expect(threatsOf(text).map(({ id }) => id)).toEqual(threatsOf(text).map((_, index) => `T${index + 1}`));
  });

  it('names tests and pages that are there', () => {
    const tests = [...text.matchAll(/`(test\/integration\/[^`]+)`/g)].map(([, file]) => join(PACKAGE_ROOT, file ?? ''));
    const pages = [...text.matchAll(/\]\(([^)#]+)\)/g)].map(([, page]) => join(PACKAGE_ROOT, 'docs', page ?? ''));
    expect(tests.length).toBeGreaterThan(0);
    expect([...tests, ...pages].filter((file) => !existsSync(file))).toEqual([]);
  });
});

describe('rows of threats', () => {
  const probe = (id: string, layers: readonly string[]): Case => ({
    id,
    title: `case ${id}`,
    layers,
    origin: 'review',
  });
  const classes: readonly CaseClass[] = [
    { class: 'A', title: 'A', cases: [probe('A01', ['seccomp']), probe('A01b', ['landlock']), probe('A02', ['host'])] },
    { class: 'B', title: 'B', cases: [probe('B01', ['rlimits'])] },
  ];
  const findings = (...rows: string[]) => threatFindings(threatsOf(rows.join('\n')), classes);

  it('name cases by id, by number with all its letters, or by a range', () => {
    const named = (probes: string) => casesOf('T1', threatsOf(`| T1 | x | ${probes} | |`), classes).map(({ id }) => id);
    expect(named('A01')).toEqual(['A01', 'A01b']);
    expect(named('A01b, B01')).toEqual(['A01b', 'B01']);
    expect(named('A01-A02')).toEqual(['A01', 'A01b', 'A02']);
  });

  it('have what they name more exactly than others do', () => {
    const threats = threatsOf('| T1 | x | A01-A02 | |\n| T2 | x | A01 | |\n| T3 | x | A01b | |');
    const named = (row: string) => casesOf(row, threats, classes).map(({ id }) => id);
    expect([named('T1'), named('T2'), named('T3')]).toEqual([['A02'], ['A01'], ['A01b']]);
  });

  it('are told which case is missing, and where its neighbour is', () => {
    const [finding = '', ...more] = findings('| T1 | x | A01-A02 | |');
    expect(more).toEqual([]);
    expect(finding).toMatch(/^B01 \(case B01\) is in no row .* the case before it is in T1$/);
  });

  it('must not name a case twice, or one that is not there', () => {
    expect(findings('| T1 | x | A01, A02, B01 | |', '| T2 | x | A02 | |')).toEqual([
      'A02 is in T1 and T2: a case belongs to one threat',
    ]);
    expect(findings('| T1 | x | A01-A03, B01 | |')).toEqual(['T1 names A03, which is no case of the catalogue']);
  });

  it('have the union of layers, in the order of the vocabulary', () => {
    expect(withLayers('| T1 | x | A01-A02, B01 | - |', classes, ORDER)).toBe(
      '| T1 | x | A01-A02, B01 | `seccomp`, `landlock`, `rlimits`, `host` |',
    );
  });
});
