import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { KnownVersions } from './known-versions.js';

let directory: string;
let interpreter: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leeward-versions-'));
  interpreter = join(directory, 'python3');
  writeFileSync(interpreter, 'old');
});

afterEach(() => rmSync(directory, { recursive: true }));

it('an interpreter is asked once, and again when its file is another one', async () => {
  const versions = new KnownVersions();
  const answers = ['3.11.2', '3.12.1'];
  const ask = async () => answers.shift() ?? 'once too often';
  expect(await Promise.all([versions.of(interpreter, ask), versions.of(interpreter, ask)])).toEqual([
    '3.11.2',
    '3.11.2',
  ]);
  writeFileSync(interpreter, 'newer');
  expect(await versions.of(interpreter, ask)).toBe('3.12.1');
  expect(await versions.of(interpreter, ask)).toBe('3.12.1');
});

it('one that failed is asked again', async () => {
  const versions = new KnownVersions();
  await expect(versions.of(interpreter, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await versions.of(interpreter, async () => '3.11.2')).toBe('3.11.2');
});
