import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const bin = fileURLToPath(new URL('../bin/leeward', import.meta.url));

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'leeward-bin-'));
  cpSync(bin, join(root, 'bin/leeward'));
  writeFileSync(join(root, 'package.json'), '{"type": "module"}');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const leeward = (path, ...args) => spawnSync(join(root, path), args, { encoding: 'utf8' });

it('says in one line how to build when nothing is built', () => {
  const { status, stdout, stderr } = leeward('bin/leeward', 'doctor');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toBe(`leeward: not built yet: run \`npm --prefix '${root}' run build\`\n`);
});

it('hands its arguments to the built command line, also through a link on PATH', () => {
  mkdirSync(join(root, 'dist/cli'), { recursive: true });
  const main = 'export async function run(argv) { console.log(JSON.stringify(argv)); process.exitCode = 7; }\n';
  writeFileSync(join(root, 'dist/cli/main.js'), main);
  symlinkSync('bin/leeward', join(root, 'link'));
  for (const path of ['bin/leeward', 'link']) {
    const { status, stdout } = leeward(path, 'exec', '-c', 'print("hi")');
    expect({ status, stdout }).toEqual({ status: 7, stdout: '["exec","-c","print(\\"hi\\")"]\n' });
  }
});

it('says at once that too few files may be open, which would look like missing modules', () => {
  mkdirSync(join(root, 'dist/cli'), { recursive: true });
  writeFileSync(join(root, 'dist/cli/main.js'), 'export async function run() {}\n');
  const limited = (most) =>
    spawnSync('prlimit', [`--nofile=${most}:${most}`, join(root, 'bin/leeward')], { encoding: 'utf8' });
  expect(limited(255).status).toBe(1);
  expect(limited(255).stderr).toBe(
    'leeward: at most 255 files may be open at a time (EMFILE, RLIMIT_NOFILE), and 256 are needed: raise the hard limit of who starts leeward\n',
  );
  expect(limited(256)).toMatchObject({ status: 0, stderr: '' });
});
