import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findingsText, loaderWith } from '../../../test/policy/shipped.js';
import { lintPolicy } from '../../policy/index.js';
import { newPolicy, writePolicy } from './new.js';

const own = {
  'team-base': 'version: 1\nkind: Policy\nname: team-base\nextends: [builtin:strict@1]\n',
  broken: 'x: 1\n',
};
const library = { extended: loaderWith(own), policyNames: () => ['python', 'team-base'] };

/** The text with every setting that is commented out. */
function withAll(text: string): string {
  return text.replace(/^#(?! [A-Z])/gm, (sign, offset: number) => (text.startsWith('# yaml', offset) ? sign : ''));
}

describe('policy new', () => {
  const parents = ['python', 'builtin:strict@1', 'python-data', 'team-base'];

  it.each(parents)('writes a policy on top of %s without a finding, also with all that is commented out', (from) => {
    const text = newPolicy({ name: 'reports', from }, library);
    const full = withAll(text);
    expect(full.split('\n').filter((line) => line.startsWith('#')).length).toBeLessThan(20);
    for (const version of [text, full]) {
      const lint = lintPolicy([{ file: 'reports.yaml', text: version }], library.extended).diagnostics;
      expect(findingsText(lint.filter(({ severity }) => severity !== 'note'))).toBe('');
    }
  });

  it('takes a builtin by its newest version, and other policies by their name', () => {
    expect(newPolicy({ name: 'a', from: 'python-data' }, library)).toContain('\nextends: [builtin:python-data@1]\n');
    expect(newPolicy({ name: 'a', from: 'team-base' }, library)).toContain('\nextends: [team-base]\n');
  });

  it('refuses names and parents that are none', () => {
    for (const name of ['../a', 'A', '123', 'null', 'a # b', 'a\nmode: audit', '$&', '']) {
      expect(() => newPolicy({ name, from: 'python' }, library)).toThrow(`'${name}' cannot be the name of a policy`);
    }
    expect(() => newPolicy({ name: 'a', from: 'pyton' }, library)).toThrow(
      expect.objectContaining({ code: 'LW_POLICY_NOT_FOUND', hint: 'did you mean python?' }),
    );
    expect(() => newPolicy({ name: 'a', from: 'broken' }, library)).toThrow('broken.yaml has errors');
  });
});

describe('the file', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'leeward-new-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('is written once, and never over another', () => {
    const path = writePolicy('a', 'first', directory);
    expect(() => writePolicy('a', 'second', directory)).toThrow(`${path} is there already`);
    expect(readFileSync(path, 'utf8')).toBe('first');
  });

  it('says why it cannot be written', () => {
    expect(() => writePolicy('a', 'text', join(directory, 'none'))).toThrow('cannot be written: ENOENT');
  });
});
