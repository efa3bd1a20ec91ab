import { describe, expect, it } from 'vitest';
import { LeewardError } from '../errors/leeward-error.js';
import { failureOf } from './failure.js';
import { jsonValue } from './json.js';
import { checkCommand } from './main.js';
import { styleOf } from './terminal/style.js';
import { UsageError } from './usage-error.js';

const IDS = ['exec', 'policy:lint', 'policy:compile', 'status'];
const plain = styleOf({ isTTY: false, env: {} });

describe('checkCommand', () => {
  it.each([[[]], [['exec', '-c', 'x']], [['policy']], [['policy', 'lint', 'f']], [['policy', '--help']], [['--help']]])(
    'accepts %j',
    (words) => {
      expect(() => checkCommand(words, IDS)).not.toThrow();
    },
  );

  it.each([
    [['exce'], 'unknown command exce', 'leeward exec'],
    [['polciy', 'lint'], 'unknown command polciy', 'leeward policy'],
    [['policy', 'lnt', 'f'], 'unknown command policy lnt', 'leeward policy lint'],
    [['frobnicate'], 'unknown command frobnicate', 'exec, policy lint'],
  ])('says what %j may have meant', (words, message, hint) => {
    try {
      checkCommand(words, IDS);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
      expect((error as UsageError).message).toBe(message);
      expect((error as UsageError).hint).toContain(hint);
    }
  });
});

describe('failureOf', () => {
  it('shows message, place, code and what to do, and ends with the code’s exit code', () => {
    const error = new LeewardError('LW_POLICY_INVALID', 'unknown key limitss', {
      place: { file: 'a.yaml', line: 3, col: 5 },
      hint: 'did you mean `limits`?',
    });
    expect(failureOf(error, plain, 2, false)).toMatchObject({
      lines: ['leeward: unknown key limitss (a.yaml:3:5) [LW_POLICY_INVALID]', '  hint: did you mean `limits`?'],
      exitCode: 1,
    });
  });

  it('takes the catalogue’s advice when the error has none of its own', () => {
    const { lines, exitCode } = failureOf(new LeewardError('LW_NATIVE_NOT_BUILT', 'no addon'), plain, 2, false);
    expect(lines[1]).toMatch(/^ {2}hint: run `npm run build`/);
    expect(exitCode).toBe(125);
  });

  it('shows the diagnostics of a policy line by line, their places and hints once', () => {
    const text =
      'a.yaml:3:5: error LW-P010: unknown key `limitss`\n   3 |   limitss: 1\n     |   ^^^^^^^\n  hint: did you mean `limits`?';
    const error = new LeewardError('LW_POLICY_INVALID', text, {
      place: { file: 'a.yaml', line: 3, col: 5 },
      hint: 'did you mean `limits`?',
    });
    const [first, ...others] = text.split('\n');
    expect(failureOf(error, plain, 2, false).lines).toEqual([`leeward: ${first} [LW_POLICY_INVALID]`, ...others]);
  });

  it('names the field of a request', () => {
    const error = new LeewardError('LW_PROTO_BAD_FIELD', 'bad', { place: { field: 'mounts[0].host' } });
    expect(failureOf(error, plain, 2, false).lines[0]).toContain('(field mounts[0].host)');
  });

  it('ends a wrong command line with the command’s own number', () => {
    expect(failureOf(new UsageError('no code', 'write some'), plain, 125, false)).toEqual({
      lines: ['leeward: no code', '  hint: write some'],
      exitCode: 125,
      body: { message: 'no code', hint: 'write some' },
    });
  });

  it('hides the stack of what nobody foresaw, unless it is asked for', () => {
    const thrown = new TypeError('x is not a function');
    const short = failureOf(thrown, plain, 2, false);
    expect(short.lines.join('\n')).toContain('[LW_INTERNAL]');
    expect(short.lines.join('\n')).not.toContain('main.test.ts');
    expect(failureOf(thrown, plain, 2, true).lines.join('\n')).toContain('main.test.ts');
  });

  it('lets no text steer the terminal', () => {
    const error = new LeewardError('LW_INTERNAL', 'a\u001b[2J', { hint: '\u202eb' });
    expect(failureOf(error, plain, 2, false).lines.join('')).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
  });
});

describe('jsonValue', () => {
  it('has every value of a plan', () => {
    const plan = { size: 5n, most: 2n ** 64n - 1n, digest: new Uint8Array([1, 255]), names: new Map([['a', 1n]]) };
    expect(jsonValue(plan)).toEqual({ size: 5, most: '18446744073709551615', digest: '01ff', names: { a: 1 } });
  });
});
