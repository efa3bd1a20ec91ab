// A guest's machine while it runs: starting it, waiting for what it writes, ending it.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandOf, VIRTIOFSD } from './machine-command.mjs';

/** Starts the guest that `plan` describes; what an earlier boot has left is gone. @returns {Promise<Machine>} */
export async function startMachine(plan) {
  const at = (name) => join(plan.place, name);
  const [control, consoleLog] = [at('control'), at('console')];
  for (const name of ['booted', 'code', 'code.new']) rmSync(join(control, name), { force: true });
  for (const file of [join(control, 'out'), join(control, 'err'), consoleLog]) writeFileSync(file, '');
  const server = plan.machine === 'qemu' ? await startFileServer(at) : undefined;
  const log = openSync(consoleLog, 'a');
  const [command, ...args] = commandOf(plan, at);
  const child = spawn(command, args, {
    stdio: ['ignore', plan.verbose ? 'inherit' : log, plan.verbose ? 'inherit' : log],
    detached: true,
    // user-mode-linux keeps the guest's memory in a file there, which must be on a tmpfs that lets it execute.
    env: { PATH: process.env.PATH, TMPDIR: plan.place },
  });
  closeSync(log);
  return new Machine(child, server, control);
}

/** Shows the guest's view of the host to an emulated computer. */
async function startFileServer(at) {
  const [socket, consoleLog] = [at('host.sock'), at('console')];
  rmSync(socket, { force: true });
  const log = openSync(consoleLog, 'a');
  const options = `source=${at('view')},cache=always,sandbox=chroot,xattr,log_level=warn`;
  const server = spawn(VIRTIOFSD, [`--socket-path=${socket}`, '-f', '-o', options], { stdio: ['ignore', log, log] });
  closeSync(log);
  if (!(await eventually(() => existsSync(socket) || server.exitCode !== null, 10)) || server.exitCode !== null)
    throw new Error(`virtiofsd did not start\n${lastLines(consoleLog)}`);
  return server;
}

/** A machine that runs, with its file server if it has one. */
export class Machine {
  #child;
  #server;
  #control;

  constructor(child, server, control) {
    this.#child = child;
    this.#server = server;
    this.#control = control;
  }

  ended() {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Whether the guest wrote that file of the control directory in time. */
  async wrote(name, seconds) {
    await eventually(() => existsSync(join(this.#control, name)) || this.ended(), seconds);
    return existsSync(join(this.#control, name));
  }

  async gone(seconds) {
    await eventually(() => this.ended(), seconds);
  }

  kill() {
    try {
      process.kill(-this.#child.pid, 'SIGKILL');
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
    this.#server?.kill('SIGKILL');
  }
}

/** Writes what has come since to a stream. */
export class Copy {
  #file;
  #stream;
  #last = Promise.resolve();

  constructor(file, stream) {
    this.#file = openSync(file, 'r');
    this.#stream = stream;
  }

  next() {
    this.#last = this.#last.then(() => this.#copy());
    return this.#last;
  }

  async #copy() {
    const block = Buffer.alloc(1 << 16);
    for (let size = readSync(this.#file, block); size > 0; size = readSync(this.#file, block)) {
      const bytes = Buffer.from(block.subarray(0, size));
      await new Promise((done) => this.#stream.write(bytes, done));
    }
  }
}

async function eventually(ask, seconds) {
  const until = performance.now() + seconds * 1000;
  while (!ask()) {
    if (performance.now() > until) return false;
    await new Promise((done) => setTimeout(done, 50));
  }
  return true;
}

export function lastLines(file) {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-20).join('\n');
}
