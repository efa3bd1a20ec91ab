import { describe, expect, it } from 'vitest';
import { printable } from './printable.js';
import { ProgressLine } from './progress.js';
import { styleOf } from './style.js';

function recorder(isTTY: boolean): { isTTY: boolean; columns: number; text: string; write(text: string): void } {
  return {
    isTTY,
    columns: 40,
    text: '',
    write(text) {
      this.text += text;
    },
  };
}

describe('style', () => {
  it('colours on a terminal', () => {
    expect(styleOf({ isTTY: true, env: {} }).red('x')).toBe('\u001b[31mx\u001b[39m');
  });

  it.each([
    ['no terminal', { isTTY: false, env: {} }],
    ['NO_COLOR', { isTTY: true, env: { NO_COLOR: '1' } }],
    ['a dumb terminal', { isTTY: true, env: { TERM: 'dumb' } }],
  ])('leaves text alone with %s', (_name, facts) => {
    expect(styleOf(facts).red('x')).toBe('x');
  });

  it('takes an empty NO_COLOR for an absent one', () => {
    expect(styleOf({ isTTY: true, env: { NO_COLOR: '' } }).bold('x')).not.toBe('x');
  });
});

describe('printable', () => {
  it('shows what would steer the terminal', () => {
    expect(printable('a\u001b[31mb\r\nc\u202e')).toBe('a\\u{1b}[31mb\\u{d}\\u{a}c\\u{202e}');
  });
});

describe('progress', () => {
  it('writes one line over and over on a terminal, no wider than it', () => {
    const stream = recorder(true);
    const progress = new ProgressLine(stream);
    progress.update('installing', 'pandas');
    progress.update('installing', 'n'.repeat(100));
    progress.end('built');
    const lines = stream.text.split('\r\u001b[2K');
    expect(lines[1]).toBe('installing: pandas');
    expect(lines[2]).toHaveLength(39);
    expect(lines[3]).toBe('built\n');
  });

  it('takes a terminal that does not tell its width for one of 80 columns', () => {
    const stream = { ...recorder(true), columns: 0 };
    new ProgressLine(stream).update('n'.repeat(100));
    expect(stream.text).toHaveLength('\r\u001b[2K'.length + 79);
  });

  it('prints each phase once elsewhere', () => {
    const stream = recorder(false);
    const progress = new ProgressLine(stream);
    progress.update('installing', 'numpy');
    progress.update('installing', 'pandas');
    progress.update('checking');
    progress.end();
    expect(stream.text).toBe('installing\nchecking\n');
  });
});
