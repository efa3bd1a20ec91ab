import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { dependenciesCurrent } from './dependencies.mjs';

const WANTED = {
  '': { name: 'x' },
  'node_modules/a': { version: '1.0.0' },
  'node_modules/b': { version: '2.0.0', optional: true },
};

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'leeward-dependencies-'));
  mkdirSync(join(root, 'node_modules'));
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: WANTED }));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const currentWith = (packages) => {
  writeFileSync(join(root, 'node_modules/.package-lock.json'), JSON.stringify({ packages }));
  return dependenciesCurrent(root);
};

it('is false when nothing was installed', () => {
  expect(dependenciesCurrent(root)).toBe(false);
});

it('accepts exactly the versions of the lock file, optional packages present or not', () => {
  const a = { version: '1.0.0' };
  expect(currentWith({ 'node_modules/a': a })).toBe(true);
  expect(currentWith({ 'node_modules/a': a, 'node_modules/b': { version: '2.0.0' } })).toBe(true);
  expect(currentWith({ 'node_modules/a': a, 'node_modules/b': { version: '2.0.1' } })).toBe(false);
  expect(currentWith({ 'node_modules/a': { version: '1.0.1' } })).toBe(false);
  expect(currentWith({ 'node_modules/b': { version: '2.0.0' } })).toBe(false);
  expect(currentWith({ 'node_modules/a': a, 'node_modules/gone': a })).toBe(false);
});
