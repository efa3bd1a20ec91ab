import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandAs, user } from './account.js';

/** The folder of package.json. */
export const PACKAGE_ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What a running Leeward needs, beside the dependencies. */
const PARTS = ['bin', 'dist', 'native/build', 'policies', 'schemas', 'bindings', 'package.json'];

/** An installation that every user of the host can reach. */
export interface Installation {
  readonly root: string;
  /** A Node that every user may run. */
  readonly node: string;
  /** A folder with the policies of the tests. */
  readonly policies: string;
}

/**
 * Copies what runs into `target`, and the tests' `policies` (a folder of the repository), with the modes of an installed package: a checkout may lie in a private home or belong
 * to somebody whom neither root nor the ordinary user of the tests trusts.
 */
export function install(target: string, policies: string): Installation {
  for (const part of [...PARTS, ...productionDependencies()]) copy(part, target);
  cpSync(join(PACKAGE_ROOT, policies), join(target, 'test-policies'), { recursive: true });
  acceptOldLandlock(target);
  execFileSync('chown', ['-R', `${process.getuid?.()}:${process.getgid?.()}`, target]);
  execFileSync('chmod', ['-R', 'a+rX,go-w', target]);
  return { root: target, node: publicNode(target), policies: join(target, 'test-policies') };
}

/**
 * What an operator does on a kernel without Landlock, where the shipped policies refuse all jobs: LEEWARD_TEST_MINIMUM_ABI
 * takes the place of their `minimumAbi`.
 */
function acceptOldLandlock(target: string): void {
  const minimum = process.env['LEEWARD_TEST_MINIMUM_ABI'];
  if (minimum === undefined) return;
  const base = join(target, 'policies/builtin/base.yaml');
  writeFileSync(base, readFileSync(base, 'utf8').replace(/minimumAbi: \d+/, `minimumAbi: ${minimum}`));
}

function copy(part: string, target: string): void {
  const source = join(PACKAGE_ROOT, part);
  if (!existsSync(source)) return;
  mkdirSync(dirname(join(target, part)), { recursive: true });
  cpSync(source, join(target, part), { recursive: true, verbatimSymlinks: true });
}

/** Folders of the packages that the lock file does not mark as `dev`. */
function productionDependencies(): readonly string[] {
  const lock = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>;
  };
  const folders = Object.entries(lock.packages).flatMap(([folder, { dev }]) => (folder === '' || dev ? [] : [folder]));
  return folders.filter((folder) => !folders.some((other) => folder.startsWith(`${other}/`)));
}

function publicNode(target: string): string {
  const [command = '', ...args] = commandAs(user, [process.execPath, '--version']);
  try {
    execFileSync(command, args, { stdio: 'ignore', env: {}, cwd: '/' });
    return process.execPath;
  } catch {
    const copied = join(target, 'node');
    cpSync(process.execPath, copied, { dereference: true });
    chmodSync(copied, 0o755);
    return copied;
  }
}
