// The floors: the same code without a sandbox, in the same run, at the same gaps.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('floors.py', import.meta.url));

/** A warm interpreter behind a pipe; see floors.py. */
export class WarmInterpreter {
  #child;
  #chunks = [];
  #resolve;

  /** @param {'fork' | 'reuse'} mode */
  constructor(python, mode, setup, environment) {
    this.#child = spawn(python, ['-I', SERVER, mode, setup], {
      env: { LANG: 'C.UTF-8', ...environment },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.stdout.on('data', (chunk) => this.#receive(chunk));
  }

  /** Runs code and gives what it printed. One at a time. */
  run(code) {
    const source = Buffer.from(code);
    const frame = Buffer.alloc(4 + source.length);
    frame.writeUInt32BE(source.length, 0);
    source.copy(frame, 4);
    const answer = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#child.stdin.write(frame);
    return answer;
  }

  async close() {
    this.#child.stdin.end();
    await once(this.#child, 'exit');
  }

  #receive(chunk) {
    this.#chunks.push(chunk);
    const data = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    if (data.length < 4 || data.length < 4 + data.readUInt32BE(0)) return;
    this.#chunks = [];
    this.#resolve(data.subarray(4).toString());
  }
}

/** `python3 -c CODE`: a fresh interpreter, and no sandbox. */
export function runCommand(python, code, environment) {
  const { status, stdout } = spawnSync(python, ['-c', code], {
    env: { LANG: 'C.UTF-8', PATH: '/usr/bin:/bin', ...environment },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`python3 -c ended with ${status}`);
  return stdout;
}
