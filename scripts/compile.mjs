// Compiles TypeScript to dist/ and the native parts to native/build/.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

const STAMP = 'dist/.sources.sha256';

function run(root, command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) throw error;
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')} failed`);
}

/** Paths below `dir`, relative to it, of every file that `keep` accepts. */
function filesBelow(dir, keep) {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter(keep).sort();
}

const isSource = (path) => path.endsWith('.ts') && !path.endsWith('.test.ts');
/** Text that goes into jobs. The compiler leaves it alone, so it is copied. */
const isCopied = (path) => path.endsWith('.py');

/** Digest of all that dist/ is made from: contents, not times, which a checkout does not keep. */
function sourcesDigest(root) {
  const inputs = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];
  inputs.push(
    ...filesBelow(join(root, 'src'), (path) => isSource(path) || isCopied(path)).map((path) => `src/${path}`),
  );
  const hash = createHash('sha256');
  for (const path of inputs)
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  return hash.digest('hex');
}

function typescriptCurrent(root) {
  const stamp = join(root, STAMP);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === sourcesDigest(root);
}

/** Removes what a source that is gone has left in dist/, so that nothing runs which is no longer there. */
function pruneOutputs(root) {
  const outputs = filesBelow(join(root, 'dist'), (path) => /\.(js|js\.map|d\.ts)$/.test(path));
  for (const path of outputs) {
    const source = path.replace(/\.(js|js\.map|d\.ts)$/, '.ts');
    if (!isSource(source) || !existsSync(join(root, 'src', source))) rmSync(join(root, 'dist', path));
  }
  for (const path of filesBelow(join(root, 'dist'), isCopied)) rmSync(join(root, 'dist', path));
}

function copyTexts(root) {
  for (const path of filesBelow(join(root, 'src'), isCopied)) cpSync(join(root, 'src', path), join(root, 'dist', path));
}

function buildTypescript(root) {
  const digest = sourcesDigest(root);
  rmSync(join(root, STAMP), { force: true });
  run(root, process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--noEmitOnError']);
  pruneOutputs(root);
  copyTexts(root);
  writeFileSync(join(root, STAMP), digest);
}

// Make knows what is current; --question only asks, so that a reader without write access can run a built tree.
function nativeCurrent(root) {
  return spawnSync('make', ['-C', 'native', '--question', 'all'], { cwd: root, stdio: 'ignore' }).status === 0;
}

function buildNative(root) {
  run(root, 'make', ['-C', 'native', '--no-print-directory', `-j${availableParallelism()}`, 'all']);
}

/**
 * Builds what is not current.
 * @param {string} root repository root, prepared
 * @throws {Error} when a compiler fails; its own output has said why
 */
export function buildIfStale(root) {
  if (!typescriptCurrent(root)) {
    console.log('building TypeScript: dist/');
    buildTypescript(root);
  }
  if (!nativeCurrent(root)) {
    console.log('building native parts: native/build/');
    buildNative(root);
  }
}

/**
 * Builds everything, as far as make and its rules find it necessary.
 * @param {string} root repository root, prepared
 * @throws {Error} as buildIfStale
 */
export function build(root) {
  buildTypescript(root);
  buildNative(root);
}
