/** Prometheus' own judge of rules and of what is scraped. */
import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Why a test is skipped that has no promtool. */
export const NEEDS_PROMTOOL = 'needs promtool on the path, or a mirror of Debian to fetch it from';

/** Where `fetch-promtool.mjs` puts it. */
export function fetchedPromtool(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'leeward-test', 'promtool');
}

/** The program on the path, or else the one that was fetched; undefined where neither runs. */
export function findPromtool(): string | undefined {
  return ['promtool', fetchedPromtool()].find((program) => spawnSync(program, ['--version']).status === 0);
}

/**
 * What it says, as lines, and its exit code.
 * @throws {Error} where there is none
 */
export function promtool(args: readonly string[], input = ''): { status: number | null; lines: readonly string[] } {
  const program = findPromtool();
  if (program === undefined) throw new Error(NEEDS_PROMTOOL);
  const { status, stdout, stderr } = spawnSync(program, args, { input, encoding: 'utf8' });
  return { status, lines: `${stdout}${stderr}`.split('\n').filter((line) => line !== '') };
}
