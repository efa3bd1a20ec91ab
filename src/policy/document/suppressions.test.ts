import { expect, it } from 'vitest';
import { loaderWith, placesOf } from '../../../test/policy/shipped.js';
import { lintPolicy } from '../lint.js';

function result(allow: string) {
  const text = `version: 1\nkind: Policy\nname: test\nextends: [builtin:python@1]\nsyscalls:\n  allow:\n${allow}`;
  return lintPolicy([{ file: 'test.yaml', text }], loaderWith());
}

function lint(allow: string): string[] {
  return placesOf(result(allow).diagnostics);
}

it('silences a warning at its line, with a reason', () => {
  expect(lint('    - personality\n')).toEqual(['LW-S120 7:7']);
  expect(lint('    - personality # leeward-allow LW-S120: the old interpreter asks for it\n')).toEqual([]);
});

it('does not silence another line, another rule, or an error', () => {
  expect(lint('    # leeward-allow LW-S120: reason\n    - personality\n')).toEqual(['LW-P030 7:5', 'LW-S120 8:7']);
  expect(lint('    - personality # leeward-allow LW-S119: reason\n')).toEqual(['LW-S120 7:7', 'LW-P030 7:19']);
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

it('keeps what it silences, with the reason and the place of the comment', () => {
  const { suppressed } = result('    - personality # leeward-allow LW-S120: the old interpreter asks for it\n');
  expect(suppressed).toMatchObject([
    {
      diagnostic: { code: 'LW-S120', severity: 'warning' },
      suppression: { reason: 'the old interpreter asks for it', origin: { range: { start: { line: 7, col: 19 } } } },
    },
  ]);
});

it('is found needless only where everything was looked for', () => {
  expect(lint('    - read # leeward-allow LW-S120: reason\n')).toEqual(['LW-P030 7:12']);
  expect(lint('    - raed # leeward-allow LW-S120: reason\n')).toEqual(['LW-S100 7:7']);
  const groups =
    'version: 1\nkind: Policy\nname: test\ngroups: {"@a/b": {allow: [bpf]}} # leeward-allow LW-S120: reason\n';
  const alone = lintPolicy([{ file: 'test.yaml', text: `${groups}abstract: true\n` }], loaderWith());
  expect(placesOf(alone.diagnostics)).toEqual([]);
});
