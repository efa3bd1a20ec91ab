import { expect, it } from 'vitest';
import { loaderWith, placesOf } from '../../../test/policy/shipped.js';
import { lintPolicy } from '../lint.js';

function lint(allow: string): string[] {
  const text = `version: 1\nkind: Policy\nname: test\nextends: [builtin:python@1]\nsyscalls:\n  allow:\n${allow}`;
  return placesOf(lintPolicy([{ file: 'test.yaml', text }], loaderWith()));
}

it('silences a warning at its line, with a reason', () => {
  expect(lint('    - personality\n')).toEqual(['LW-S120 7:7']);
  expect(lint('    - personality # leeward-allow LW-S120: the old interpreter asks for it\n')).toEqual([]);
});

it('does not silence another line, another rule, or an error', () => {
  expect(lint('    # leeward-allow LW-S120: reason\n    - personality\n')).toEqual(['LW-S120 8:7']);
  expect(lint('    - personality # leeward-allow LW-S119: reason\n')).toEqual(['LW-S120 7:7']);
  expect(lint('    - clone3 # leeward-allow LW-S120: reason\n')).toContain('LW-S112 7:7');
});

it('must name a warning and a reason', () => {
  for (const comment of [
    'leeward-allow LW-S120',
    'leeward-allow LW-S120:',
    'leeward-allow LW-S999: x',
    'leeward-allow LW-S112: x',
  ]) {
    expect(lint(`    - personality # ${comment}\n`)).toEqual(['LW-S120 7:7', 'LW-P027 7:19']);
  }
});

it('is only read in comments', () => {
  expect(lint('    - personality\ndescription: "# leeward-allow LW-S120: no"\n')).toEqual(['LW-S120 7:7']);
});
