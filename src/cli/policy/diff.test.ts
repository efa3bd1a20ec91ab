import { describe, expect, it } from 'vitest';
import { resolveText } from '../../../test/policy/shipped.js';
import { LeewardError } from '../../errors/leeward-error.js';
import type { SourceFile } from '../../policy/types.js';
import { styleOf } from '../terminal/style.js';
import { diffExitCode, diffNamed } from './diff.js';
import { ceilingText, diffJson, diffMarkdown, diffText } from './diff-text.js';

const plain = styleOf({ isTTY: false, env: {} });

function file(name: string, lines: string): SourceFile {
  return {
    file: `${name}.yaml`,
    text: `version: 1\nkind: Policy\nname: ${name}\nextends: [builtin:strict@1]\n${lines}`,
  };
}

const FILES = [
  file('base', ''),
  file('wide', 'limits: {pids: 100}\n'),
  file('narrow', 'limits: {pids: 1}\n'),
  file('both', 'limits: {pids: 100, openFiles: 16}\n'),
  file('host', 'hostname: other\n'),
  file('odd', 'environment: {LANG: "a|b"}\n'),
];

const library = {
  file: (path: string) => FILES.find((one) => one.file === path),
  source(name: string): SourceFile {
    const source = FILES.find((one) => one.file === `${name}.yaml`);
    if (source === undefined) throw new LeewardError('LW_REQUEST_UNKNOWN_POLICY', `there is no policy '${name}'`);
    return source;
  },
  resolved({ text }: SourceFile) {
    const { value } = resolveText(text);
    if (value === undefined) throw new LeewardError('LW_POLICY_INVALID', 'no policy');
    return value;
  },
};

const diff = (a: string, b: string) => diffNamed(library, a, b);

describe('policy diff', () => {
  it('says which allows more, and shows both values with their places', () => {
    const wide = diffText(diff('base', 'wide.yaml'), plain);
    expect(wide).toEqual([
      'wider limits.pids',
      expect.stringMatching(/^ {2}base {7}\d+ {2}\(policies\/builtin\/[a-z]+\.yaml:\d+:\d+\)$/),
      '  wide.yaml  100  (test.yaml:5:16)',
      'wide.yaml is wider than base (1 wider)',
    ]);
    expect(diffText(diff('base', 'narrow'), plain).at(-1)).toBe('narrow is narrower than base (1 narrower)');
    expect(diffText(diff('base', 'both'), plain).at(-1)).toBe('both is incomparable with base (1 wider, 1 narrower)');
    expect(diffText(diff('base', 'base'), plain)).toEqual(['base is equal to base']);
    expect(diffText(diff('base', 'host'), plain).at(-1)).toBe('host is equal to base in rights (1 different)');
  });

  it.each([
    ['base', 'base', 0, 0],
    ['base', 'wide', 1, 1],
    ['base', 'narrow', 1, 0],
    ['base', 'both', 1, 1],
    ['base', 'host', 1, 0],
  ])('of %s and %s ends with %i, and with %i as a ceiling', (a, b, different, wider) => {
    expect(diffExitCode(diff(a, b), 'different')).toBe(different);
    expect(diffExitCode(diff(a, b), 'wider')).toBe(wider);
  });

  it('names the first thing that a ceiling does not allow', () => {
    expect(ceilingText(diff('base', 'wide'))).toMatch(
      /^wide is not within base: limits\.pids: 100 {2}\(test\.yaml:5:16\), not \d+ {2}\(policies\/builtin\/base/,
    );
    expect(ceilingText(diff('base', 'narrow'))).toBe('narrow is within base');
  });

  it('is a table for a pull request, in which no value is markup', () => {
    const text = diffMarkdown(diff('base', 'host'));
    expect(text).toContain('**host is equal to base in rights (1 different)**\n\n|  | what | base | host |\n');
    expect(text).toContain('| different | hostname | leeward ');
    expect(diffMarkdown(diff('base', 'odd'))).toContain('"a\\|b"');
    expect(diffMarkdown(diff('base', 'base'))).toBe('**base is equal to base**\n');
  });

  it('is JSON with places for programs', () => {
    expect(diffJson(diff('base', 'wide'))).toMatchObject({
      relation: 'wider',
      within: false,
      a: { name: 'base', source: 'base' },
      differences: [
        { field: 'limits.pids', direction: 'wider', b: { value: '100', file: 'test.yaml', line: 5, col: 16 } },
      ],
    });
  });

  it('of a policy that does not exist is an error', () => {
    expect(() => diff('base', 'nothing')).toThrow(/there is no policy 'nothing'/);
  });
});
