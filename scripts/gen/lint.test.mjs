import { describe, expect, it } from 'vitest';
import { checkCatalog } from './lint.mjs';

const groups = [{ prefix: 'LW-P0', title: 'Files' }];
const rule = (code, severity = 'error') => ({ code, severity, title: '', meaning: '', action: '' });

describe('the catalogue of lint rules', () => {
  it('takes rules of known groups', () => {
    expect(() => checkCatalog({ groups, rules: [rule('LW-P001'), rule('LW-P002', 'note')] })).not.toThrow();
  });

  it.each([
    [[rule('LW-P001'), rule('LW-P001')], 'stands twice'],
    [[rule('LW-X001')], 'has no group'],
    [[rule('LW-P001', 'fatal')], 'unknown severity'],
  ])('refuses what would break a promise', (rules, message) => {
    expect(() => checkCatalog({ groups, rules })).toThrow(message);
  });
});
