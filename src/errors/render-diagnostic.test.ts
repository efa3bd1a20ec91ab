import { describe, expect, it } from 'vitest';
import { type Diagnostic, hasErrors, type Range } from './diagnostic.js';
import { renderDiagnostic, renderDiagnostics } from './render-diagnostic.js';

/** The range of the first occurrence of `text` in `source`. */
function rangeOf(source: string, text: string): Range {
  const position = (offset: number) => {
    const before = source.slice(0, offset).split('\n');
    return { line: before.length, col: (before.at(-1) ?? '').length + 1, offset };
  };
  const start = source.indexOf(text);
  return { start: position(start), end: position(start + text.length) };
}

function diagnosticAt(source: string, text: string, rest: Partial<Diagnostic> = {}): Diagnostic {
  const range = rangeOf(source, text);
  return { code: 'LW-S101', severity: 'error', message: 'filter has no effect', file: 'a.yaml', range, ...rest };
}

describe('renderDiagnostic', () => {
  it('prints place, code, message, the line and a caret under the range', () => {
    const source = 'syscalls:\n  allow:\n    - ioctl\n';
    expect(renderDiagnostic(diagnosticAt(source, 'ioctl'), new Map([['a.yaml', source]]))).toBe(
      [
        'a.yaml:3:7: error LW-S101: filter has no effect', //
        '   3 |     - ioctl',
        '     |       ^^^^^',
      ].join('\n'),
    );
  });

  it('prints related places with their own line, and the hint last', () => {
    const source = 'allow: [read]\n';
    const base = 'x: 1\nallow: [ioctl]\n';
    const diagnostic = diagnosticAt(source, 'read', {
      severity: 'warning',
      hint: 'use `restrict`',
      related: [{ file: 'base.yaml', range: rangeOf(base, 'ioctl'), message: 'allowed without condition here' }],
    });
    const sources = new Map([
      ['a.yaml', source],
      ['base.yaml', base],
    ]);
    expect(renderDiagnostic(diagnostic, sources)).toBe(
      [
        'a.yaml:1:9: warning LW-S101: filter has no effect',
        '   1 | allow: [read]',
        '     |         ^^^^',
        '  base.yaml:2:9: allowed without condition here',
        '     2 | allow: [ioctl]',
        '       |         ^^^^^',
        '  hint: use `restrict`',
      ].join('\n'),
    );
  });

  it('keeps tabs before the caret, and underlines a range of several lines to the end of its first', () => {
    const source = '\tkey: [a,\n b]\n';
    const text = renderDiagnostic(diagnosticAt(source, '[a,\n b]'), new Map([['a.yaml', source]]));
    expect(text.split('\n').slice(1)).toEqual(['   1 | \tkey: [a,', '     | \t     ^^^']);
  });

  it('marks one column for an empty range and for one at the end of the text', () => {
    const empty = diagnosticAt('name:', '');
    expect(renderDiagnostic(empty, new Map([['a.yaml', 'name:']])).split('\n')[2]).toBe('     | ^');
    const end = { line: 1, col: 6, offset: 5 };
    const atEnd: Diagnostic = { ...empty, range: { start: end, end } };
    expect(renderDiagnostic(atEnd, new Map([['a.yaml', 'name:']])).split('\n')[2]).toBe('     |      ^');
  });

  it('does without the line when the source or the line is missing', () => {
    const diagnostic = diagnosticAt('a\nb', 'b');
    for (const sources of [new Map<string, string>(), new Map([['a.yaml', 'short']])]) {
      expect(renderDiagnostic(diagnostic, sources)).toBe('a.yaml:2:1: error LW-S101: filter has no effect');
    }
  });

  it('shows of a long line what is around the place', () => {
    const text = `key: [${'a, '.repeat(100)}wrong${', b'.repeat(100_000)}]`;
    const [, line = '', caret = ''] = renderDiagnostic(diagnosticAt(text, 'wrong'), new Map([['a.yaml', text]])).split(
      '\n',
    );
    expect(line.length).toBeLessThan(220);
    expect(line.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1)).toBe('wrong');
    expect(line).toMatch(/\| \.\.\..*\.\.\.$/);
  });

  it('lets no control character of a file reach the terminal', () => {
    const source = 'na\u001b[2Jme: \u202ex\r\n';
    const diagnostic = diagnosticAt(source, 'x', { message: 'unknown key na\u001b[2Jme', hint: 'a\nb' });
    const text = renderDiagnostic(diagnostic, new Map([['a.yaml', source]]));
    for (const steering of ['\u001b', '\u202e', '\r']) expect(text).not.toContain(steering);
    expect(text).toContain('na\\u{1b}[2Jme');
    expect(text).toContain('hint: a\\u{a}b');
    const [, line = '', caret = ''] = text.split('\n');
    expect(caret.indexOf('^')).toBe(line.lastIndexOf('x'));
  });
});

describe('renderDiagnostics', () => {
  it('orders by file, place and code, whatever order they were found in', () => {
    const source = 'b: 1\na: 2\n';
    const found = [
      diagnosticAt(source, 'a', { message: 'third' }),
      diagnosticAt(source, '1', { message: 'second' }),
      diagnosticAt(source, 'b', { message: 'first', code: 'LW-S100' }),
      diagnosticAt(source, 'b', { message: 'fourth', file: 'z.yaml' }),
    ];
    const messages = renderDiagnostics(found, new Map())
      .split('\n')
      .map((line) => line.split(': ')[2]);
    expect(messages).toEqual(['first', 'second', 'third', 'fourth']);
  });
});

describe('hasErrors', () => {
  it('is true only for the severity error', () => {
    const note = diagnosticAt('a', 'a', { severity: 'note' });
    expect(hasErrors([note, { ...note, severity: 'warning' }])).toBe(false);
    expect(hasErrors([note, { ...note, severity: 'error' }])).toBe(true);
    expect(hasErrors([])).toBe(false);
  });
});
