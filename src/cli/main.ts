import { nearestNames } from '../errors/nearest.js';
import { COMMANDS } from './commands.js';
import { loadConfiguration } from './configuration.js';
import { failureOf, USAGE_EXIT } from './failure.js';
import { packageJson } from './package.js';
import { styleFor } from './terminal/style.js';
import { UsageError } from './usage-error.js';

/**
 * Runs the command line. Sets the exit code and returns; the process ends when nothing keeps it alive any more.
 *
 * @param argv words after the program's name
 */
export async function run(argv: readonly string[]): Promise<void> {
  const words = argv[0] === 'help' ? [...argv.slice(1), '--help'] : [...argv];
  if (words[0] === '--version' || words[0] === '-V') {
    process.stdout.write(`leeward ${packageJson().version}\n`);
    return;
  }
  try {
    checkCommand(words, Object.keys(COMMANDS));
    const [{ run: dispatch }, configuration] = await Promise.all([import('@oclif/core/run'), loadConfiguration()]);
    await dispatch(words, configuration);
  } catch (error) {
    const failure = failureOf(error, styleFor(process.stderr), USAGE_EXIT, process.env['LEEWARD_DEBUG'] === '1');
    process.stderr.write(`${failure.lines.join('\n')}\n`);
    process.exitCode = failure.exitCode;
  }
}

/**
 * Checks that the first words name a command or the topic of some.
 *
 * @param ids names of all commands, words joined with `:`
 * @throws UsageError with the nearest names
 */
export function checkCommand(words: readonly string[], ids: readonly string[]): void {
  const [first, second] = words;
  if (first === undefined || first.startsWith('-') || ids.includes(first)) return;
  const below = ids.filter((id) => id.startsWith(`${first}:`));
  if (below.length === 0) throw unknownCommand(first, ids.map(spaced));
  if (second === undefined || second.startsWith('-') || ids.includes(`${first}:${second}`)) return;
  throw unknownCommand(`${first} ${second}`, below.map(spaced));
}

function unknownCommand(typed: string, known: readonly string[]): UsageError {
  const topics = new Set(known.map((name) => name.split(' ')[0] ?? name));
  const [near] = nearestNames(typed, [...known, ...topics], 1);
  const hint = near === undefined ? `commands: ${known.join(', ')}` : `did you mean \`leeward ${near}\`?`;
  return new UsageError(`unknown command ${typed}`, hint);
}

function spaced(id: string): string {
  return id.replaceAll(':', ' ');
}
