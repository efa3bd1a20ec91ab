import { describe, expect, it } from 'vitest';
import { loaderWith, placesOf } from '../../test/policy/shipped.js';
import { fixFile, lintPolicy } from './index.js';
import type { SourceFile } from './types.js';

const HEAD = 'version: 1\nkind: Policy\nname: test\nextends: [builtin:python@1]\n';
const lint = (source: SourceFile) => lintPolicy([source], loaderWith()).diagnostics;

function fix(rest: string) {
  const { source, fixed } = fixFile({ file: 'test.yaml', text: HEAD + rest }, lint);
  return { rest: source.text.slice(HEAD.length), fixed: placesOf(fixed), left: placesOf(lint(source)) };
}

describe('fixes', () => {
  it.each([
    [
      'an entry that is written twice, with its line',
      'devices:\n  - zero # for dd\n  - full\n  - zero\n',
      'devices:\n  - zero # for dd\n  - full\n',
      ['LW-P015 8:5'],
    ],
    [
      'an entry that is written three times',
      'devices: [zero, zero, zero]\n',
      'devices: [zero]\n',
      ['LW-P015 5:17', 'LW-P015 5:17'],
    ],
    [
      'a number that is text',
      'environment: {OMP_NUM_THREADS: 1}  # one\n',
      'environment: {OMP_NUM_THREADS: "1"}  # one\n',
      ['LW-P012 5:32'],
    ],
    ['a mode that looks octal', 'identity: {umask: 0077}\n', 'identity: {umask: "0077"}\n', ['LW-P006 5:19']],
    [
      'a suppression that silences nothing',
      'mode: enforce # leeward-allow LW-S120: gone\n# leeward-allow LW-S119: gone\n',
      'mode: enforce\n',
      ['LW-P030 5:15', 'LW-P030 6:1'],
    ],
  ])('correct %s, and nothing else', (_, text, wanted, places) => {
    expect(fix(text)).toEqual({ rest: wanted, fixed: places, left: [] });
  });

  it('are made in one go where several are there, and leave the other findings', () => {
    const text =
      'devices: [zero, zero]\nidentity: {umask: 0077}\nenvironment: {A: 1}\nsyscalls: {allow: [personality]}\n';
    const { rest, fixed, left } = fix(text);
    expect(rest).toBe(
      'devices: [zero]\nidentity: {umask: "0077"}\nenvironment: {A: "1"}\nsyscalls: {allow: [personality]}\n',
    );
    expect(fixed).toHaveLength(3);
    expect(left).toEqual(['LW-S120 8:20']);
  });

  it.each([
    ['an octal number where an integer is needed', 'limits: {pids: 0700}\n'],
    ['an entry whose comment would be lost', 'devices:\n  - zero\n  - zero # for dd\n'],
    ['an entry that an alias points at', 'devices:\n  - zero\n  - &z zero\nhostname: *z\n'],
    ['a number that text would show otherwise', 'environment: {A: 1e3}\n'],
    ['a name that is nearly another', 'syscalls: {allow: [raed]}\n'],
    ['a restriction that a child may need', 'syscalls: {restrict: {socket: {domain: 1}}}\n'],
  ])('are not offered for %s', (_, text) => {
    const found = lint({ file: 'test.yaml', text: HEAD + text });
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter((one) => one.fix !== undefined)).toEqual([]);
    expect(fix(text).rest).toBe(text);
  });

  it('are made where they hold, beside one that does not', () => {
    const kept = 'devices:\n  - zero\n  - &z zero\nhostname: *z\n';
    const { rest, fixed } = fix(`${kept}identity: {umask: 0077}\nenvironment: {A: 1}\n`);
    expect(rest).toBe(`${kept}identity: {umask: "0077"}\nenvironment: {A: "1"}\n`);
    expect(fixed).toHaveLength(2);
  });

  it.each([
    ['hold together', `environment: {${Array.from({ length: 300 }, (_, index) => `A${index}: ${index}`)}}\n`, 300],
    ['touch each other', '# leeward-allow LW-S120: gone\n'.repeat(300), 300],
    ['hold in part', `devices: [full, ${'&a zero, *a, '.repeat(30)}zero]\nhostname: *a\n`, 30],
  ])('take few looks at a file, however many there are: %s', (_, text, wanted) => {
    let looks = 0;
    const { fixed } = fixFile({ file: 'test.yaml', text: HEAD + text }, (source) => {
      looks += 1;
      return lintPolicy([source], loaderWith(), 'offered').diagnostics;
    });
    expect(fixed).toHaveLength(wanted);
    expect(looks).toBeLessThan(200);
  });

  it('change no file but the one that was asked for', () => {
    const parent = 'version: 1\nkind: Policy\nname: parent\nextends: [builtin:python@1]\ndevices: [zero, zero]\n';
    const source = { file: 'test.yaml', text: HEAD.replace('builtin:python@1', 'parent') };
    const found = (changed: SourceFile) => lintPolicy([changed], loaderWith({ parent })).diagnostics;
    expect(placesOf(found(source))).toEqual(['LW-P015 parent.yaml:5:17']);
    expect(found(source)[0]?.fix).toBeUndefined();
    expect(fixFile(source, found)).toEqual({ source, fixed: [], isStopped: false });
  });
});
