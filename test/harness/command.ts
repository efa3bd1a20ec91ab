import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { commandAs } from './account.js';
import { testHost } from './host.js';
import type { Place } from './place.js';
import { descendantsOf } from './processes.js';
import { atMost } from './slowness.js';

/** A command that takes longer is killed, and everything that came of it: it must not outlive the test. */
const TIMEOUT_MS = 30_000;

export interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly stdin?: string;
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Called once the command runs, with its pid. */
  readonly onStart?: (pid: number) => void;
}

/** Runs `leeward` as the place's user, with the place's environment, and gives what it printed. */
export function leeward(place: Place, args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  const { node, root } = testHost().installation;
  return run(place, [node, join(root, 'bin/leeward'), ...args], options);
}

/** Runs any command in the same way. */
export function run(place: Place, argv: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  const { stdin, cwd = place.home, environment = {}, onStart } = options;
  const [command = '', ...rest] = commandAs(place.account, argv);
  const env = Object.fromEntries(
    Object.entries({ ...place.environment, ...environment }).filter(([, value]) => value !== undefined),
  );
  const child = spawn(command, rest, { cwd, env, stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
  child.stdin?.end(stdin);
  const { pid = 0 } = child;
  onStart?.(pid);
  const timer = setTimeout(() => {
    for (const left of [...descendantsOf(pid), pid]) process.kill(left, 'SIGKILL');
  }, atMost(TIMEOUT_MS));
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => {
      clearTimeout(timer);
      resolve({ exitCode, signal, stdout, stderr });
    });
  });
}
