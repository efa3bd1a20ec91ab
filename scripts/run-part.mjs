// Runs one command with a time limit, showing its output as it comes and keeping it.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * @typedef {object} Ended
 * @property {number} exit the exit code; 128 + n after signal n; 127 when the program could not be started
 * @property {boolean} timedOut stopped at its time limit
 * @property {boolean} interrupted this process was told to stop meanwhile
 * @property {string} output standard output and standard error, as they came
 * @property {number} ms wall-clock time
 */

/**
 * @param {string[]} argv
 * @param {{cwd: string, env?: NodeJS.ProcessEnv, limitMs?: number}} options
 * @returns {Promise<Ended>}
 */
export function runPart([command, ...args], { cwd, env = process.env, limitMs }) {
  return new Promise((resolve) => {
    const started = performance.now();
    // A process group of its own, so that stopping it also ends what the command has started.
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const ended = { exit: 127, timedOut: false, interrupted: false };
    const output = collect(child);

    const timeOut = () => {
      ended.timedOut = true;
      killGroup(child, 'SIGKILL');
    };
    const interrupt = (signal) => {
      ended.interrupted = true;
      killGroup(child, signal);
    };
    const timer = limitMs === undefined ? undefined : setTimeout(timeOut, Math.max(0, limitMs));
    process.on('SIGINT', interrupt).on('SIGTERM', interrupt);

    child.on('error', (error) => console.error(`${command}: ${error.message}`));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      if (child.pid !== undefined) ended.exit = code ?? 128 + constants.signals[signal];
      resolve({ ...ended, output: Buffer.concat(output).toString('utf8'), ms: performance.now() - started });
    });
  });
}

function collect(child) {
  const chunks = [];
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ]) {
    from.on('data', (chunk) => {
      chunks.push(chunk);
      to.write(chunk);
    });
  }
  return chunks;
}

function killGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error; // it ended by itself just now
  }
}
