import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { syscallTable } from './kernel.mjs';
import { parsePrototypes } from './kernel-prototypes.mjs';

const folder = join(import.meta.dirname, '../../schemas/kernel');
const text = await readFile(join(folder, 'prototypes.txt'), 'utf8');
const numbers = JSON.parse(await readFile(join(folder, 'numbers.json'), 'utf8'));

describe('prototypes.txt', () => {
  it('has every call of both tables and no other', () => {
    const calls = new Set([...Object.keys(numbers.x86_64), ...Object.keys(numbers.arm64)]);
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const prototypes = lines.map((line) => line.slice(0, line.search(/[@(]/)));
    expect([...new Set(prototypes)].sort()).toEqual([...calls].sort());
    expect(prototypes).toEqual([...prototypes].sort());
  });
});

describe('parsePrototypes', () => {
  it('reads short forms, kinds and replacements for one architecture', () => {
    const of = parsePrototypes('# comment\n\nf(fd a, u64:flags b, i32 c)\nf@arm64()\n');
    expect(of('f', 'x86_64')).toEqual([
      { name: 'a', width: 32, signed: true, kind: 'fd' },
      { name: 'b', width: 64, signed: false, kind: 'flags' },
      { name: 'c', width: 32, signed: true, kind: 'value' },
    ]);
    expect(of('f', 'arm64')).toEqual([]);
    expect(of('g', 'arm64')).toBeUndefined();
  });

  it.each([
    'f(int a)',
    'f(u16 a)',
    'f(i32:colour a)',
    'f(fd)',
    'f(fd a, fd a)',
    'f(fd a,fd b)',
    'f fd a',
    'f(i32 a, i32 b, i32 c, i32 d, i32 e, i32 g, i32 h)',
    'f()\nf()',
  ])('refuses %j with its line', (line) => {
    expect(() => parsePrototypes(`# first\n${line}`)).toThrow(/^prototypes\.txt:[23]: /);
  });

  it('a call without prototype stops the generator', () => {
    const source = { package: 'headers 1', kernel: '1.0.0' };
    const of = parsePrototypes('f()');
    expect(syscallTable('arm64', { source, arm64: { f: 1 } }, of)).toContain("{ name: 'f', number: 1, args: [] },");
    expect(() => syscallTable('arm64', { source, arm64: { f: 1, g: 2 } }, of)).toThrow(/no prototype of g \(arm64\)/);
  });
});
