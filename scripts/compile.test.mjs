import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { buildIfStale } from './compile.mjs';

const repository = fileURLToPath(new URL('..', import.meta.url));

vi.setConfig({ testTimeout: 60_000 });

let root = '';
const write = (path, text) => writeFileSync(join(root, path), text);
const has = (path) => existsSync(join(root, path));

beforeAll(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  root = mkdtempSync(join(tmpdir(), 'leeward-compile-'));
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
  const copied = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
  for (const name of copied) cpSync(join(repository, name), join(root, name));
  for (const dir of ['src', 'native']) mkdirSync(join(root, dir));
  write('native/Makefile', 'all: built\nbuilt: source\n\tcp source built\n');
  write('native/source', '1');
  write('src/a.ts', 'export const a: number = 1;\n');
  write('src/a.py', 'a = 1\n');
  write('src/a.test.ts', "import { a } from './a.js';\nexport const same = a;\n");
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('builds what is not there, without the tests', () => {
  buildIfStale(root);
  expect(['dist/a.js', 'dist/a.d.ts', 'dist/a.test.js', 'native/built'].map(has)).toEqual([true, true, false, true]);
  expect(readFileSync(join(root, 'dist/a.py'), 'utf8')).toBe('a = 1\n');
});

it('does nothing when all is current', () => {
  const before = ['dist/a.js', 'native/built'].map((path) => statSync(join(root, path)).mtimeMs);
  buildIfStale(root);
  expect(['dist/a.js', 'native/built'].map((path) => statSync(join(root, path)).mtimeMs)).toEqual(before);
});

it('copies a text again after a change', () => {
  write('src/a.py', 'a = 2\n');
  buildIfStale(root);
  expect(readFileSync(join(root, 'dist/a.py'), 'utf8')).toBe('a = 2\n');
});

it('builds again after a change, and leaves no output of a source that is gone', () => {
  rmSync(join(root, 'src/a.ts'));
  rmSync(join(root, 'src/a.py'));
  rmSync(join(root, 'src/a.test.ts'));
  write('src/b.ts', 'export const b: number = 2;\n');
  buildIfStale(root);
  expect(['dist/a.js', 'dist/a.d.ts', 'dist/a.py', 'dist/b.js'].map(has)).toEqual([false, false, false, true]);
});

it('fails on a type error, and is not current afterwards', () => {
  write('src/b.ts', "export const b: number = 'two';\n");
  expect(() => buildIfStale(root)).toThrow('tsc -p tsconfig.build.json --noEmitOnError failed');
  expect(() => buildIfStale(root)).toThrow('failed');
  write('src/b.ts', 'export const b: number = 2;\n');
  buildIfStale(root);
  write('native/Makefile', 'all:\n\t@exit 1\n');
  expect(() => buildIfStale(root)).toThrow(/^make -C native .* failed$/);
});
