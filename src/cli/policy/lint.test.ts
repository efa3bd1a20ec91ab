import { describe, expect, it } from 'vitest';
import { loaderWith } from '../../../test/policy/shipped.js';
import { LeewardError } from '../../errors/leeward-error.js';
import { styleOf } from '../terminal/style.js';
import { lintExitCode, lintFiles, lintJson, lintSummary, lintText } from './lint.js';

const plain = styleOf({ isTTY: false, env: {} });
const RUNTIME = 'version: 1\nkind: Runtime\nname: r\n';

const FILES: Readonly<Record<string, string>> = {
  'good.yaml': RUNTIME,
  'two.yaml': `${RUNTIME}preloads: [os]\npool: {standby: many, max: 1}\n`,
};

const library = {
  file(path: string) {
    if (path === 'unsafe.yaml') {
      throw new LeewardError('LW_POLICY_UNSAFE_FILE', 'unsafe.yaml is writable by others', { hint: 'run `chmod`' });
    }
    const text = FILES[path];
    return text === undefined ? undefined : { file: path, text };
  },
  source(name: string) {
    if (name === 'named') return { file: 'two.yaml', text: FILES['two.yaml'] ?? '' };
    throw new LeewardError('LW_REQUEST_UNKNOWN_POLICY', `there is no policy '${name}'`, { hint: 'policies: named' });
  },
  extended: () => undefined,
};

function lint(...paths: string[]) {
  return lintFiles(paths, library);
}

describe('policy lint', () => {
  it('has nothing to say about a good file', () => {
    const report = lint('good.yaml');
    expect(lintExitCode(report)).toBe(0);
    expect(lintText(report, plain)).toEqual([]);
    expect(lintSummary(report)).toBe('1 file: 0 errors, 0 warnings');
  });

  it('shows all problems of all files, each with its line and a caret', () => {
    const report = lint('two.yaml', 'unsafe.yaml', 'good.yaml');
    const text = lintText(report, plain).join('\n');
    expect(text).toContain('two.yaml:4:1: error LW-P010');
    expect(text).toContain('   4 | preloads: [os]\n     | ^^^^^^^^');
    expect(text).toContain('two.yaml:5:17: error LW-P012');
    expect(text).toContain('leeward: unsafe.yaml is writable by others [LW_POLICY_UNSAFE_FILE]\n  hint: run `chmod`');
    expect(lintExitCode(report)).toBe(1);
    expect(lintSummary(report)).toBe('3 files: 3 errors, 0 warnings');
  });

  it('tells a file that does not exist apart from one with errors', () => {
    for (const missing of ['nothing.yaml', 'nothing']) {
      const report = lint('two.yaml', missing);
      expect(lintText(report, plain).at(-2)).toMatch(/^leeward: there is no (file nothing.yaml|policy 'nothing') \[/);
      expect(lintExitCode(report)).toBe(2);
      expect(lintJson(report)).toMatchObject({ errors: [{ message: expect.stringContaining('nothing') }] });
    }
  });

  it('takes the name of a policy for a policy of the library', () => {
    const report = lint('named');
    expect(lintText(report, plain).join('\n')).toContain('two.yaml:4:1: error LW-P010');
    expect(lintExitCode(report)).toBe(1);
  });

  it('tells how many findings comments silence, and gives them to programs', () => {
    const text = 'version: 1\nkind: Policy\nname: quiet\nextends: [builtin:python@1]\nmode: enforce\n';
    const allow = 'syscalls:\n  allow:\n    - personality # leeward-allow LW-S120: old code\n';
    const report = lintFiles(['quiet.yaml'], {
      ...library,
      file: (file: string) => ({ file, text: text + allow }),
      extended: loaderWith(),
    });
    expect(lintSummary(report)).toBe('1 file: 0 errors, 0 warnings, 1 suppressed');
    expect(lintJson(report)).toMatchObject({
      diagnostics: [],
      suppressed: [{ code: 'LW-S120', line: 8, suppression: { reason: 'old code', line: 8, col: 19 } }],
    });
  });

  it('gives programs code, place and text of each finding', () => {
    expect(lintJson(lint('two.yaml', 'unsafe.yaml'))).toMatchObject({
      files: ['two.yaml', 'unsafe.yaml'],
      diagnostics: [
        { code: 'LW-P010', severity: 'error', file: 'two.yaml', line: 4, col: 1, end_line: 4, end_col: 9 },
        { code: 'LW-P012', severity: 'error', file: 'two.yaml', line: 5, col: 17 },
      ],
      errors: [{ code: 'LW_POLICY_UNSAFE_FILE', hint: 'run `chmod`' }],
    });
  });
});
