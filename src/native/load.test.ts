import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { loadAddon, loadAddonFile, nativeFile } from './load.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'leeward-load-'));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

function place(folder: string, name: string): string {
  mkdirSync(join(root, folder), { recursive: true });
  const path = join(root, folder, name);
  writeFileSync(path, '');
  return path;
}

test('a prebuilt file is taken before one that was built here', () => {
  const built = place('native/build', 'leeward.node');
  expect(nativeFile('leeward.node', root)).toBe(built);
  const prebuilt = place(`prebuilds/${process.platform}-${process.arch}`, 'leeward.node');
  expect(nativeFile('leeward.node', root)).toBe(prebuilt);
});

test('a missing file is named with the command that builds it', () => {
  expect(() => nativeFile('leeward-supervisor', root)).toThrowError(
    expect.objectContaining({
      code: 'LW_NATIVE_NOT_BUILT',
      message: expect.stringContaining(join(root, 'native/build/leeward-supervisor')),
      hint: `run \`npm run build\` in ${root}`,
    }),
  );
});

test('a file that is no addon is reported with its path', () => {
  const path = place('native/build', 'leeward.node');
  expect(() => loadAddonFile(path)).toThrowError(
    expect.objectContaining({ code: 'LW_NATIVE_NOT_BUILT', message: expect.stringContaining(path) }),
  );
});

test('the addon is loaded once', () => {
  expect(loadAddon()).toBe(loadAddon());
});
