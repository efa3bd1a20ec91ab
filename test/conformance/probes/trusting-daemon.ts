/** The daemon of controls (`trusting-daemon.mjs`) as a process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../../harness/account.js';
import { Connection } from '../../harness/connection.js';
import { eventually } from '../../harness/wait.js';
import { answers, type Target } from './target.js';

const TRUSTING = fileURLToPath(new URL('trusting-daemon.mjs', import.meta.url));
/** A control that takes all memory is to end before the machine does. */
const MOST_MEMORY = 1 << 30;

/** It believes everything, and may be ended or kept busy by that. */
export class TrustingDaemon implements Target {
  readonly socket: string;
  readonly policies: string;
  readonly uid = 0;
  readonly daemon = undefined;
  readonly #process: ChildProcess;
  #log = '';

  private constructor(directory: string, socket: string) {
    mkdirSync(directory, { recursive: true });
    chmodSync(directory, 0o777);
    [this.socket, this.policies] = [socket, join(directory, 'policies')];
    mkdirSync(this.policies);
    const argv = [`--data=${MOST_MEMORY}`, process.execPath, TRUSTING, this.socket, this.policies];
    this.#process = spawn('prlimit', argv, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#log += text;
      });
    }
  }

  static async start(directory: string, socket: string = join(directory, 'socket')): Promise<TrustingDaemon> {
    const trusting = new TrustingDaemon(directory, socket);
    await eventually('the trusting daemon answers', 20_000, async () => {
      if (trusting.hasEnded) throw new Error(`the trusting daemon has ended:\n${trusting.log}`);
      return existsSync(socket) && (await answers(trusting).catch(() => false));
    });
    return trusting;
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get log(): string {
    return this.#log;
  }

  get hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  connect(): Promise<Connection> {
    return Connection.open(this.socket, root);
  }

  /** With its jobs: it is the leader of a process group. */
  stop(): void {
    if (this.pid > 1) {
      try {
        process.kill(-this.pid, 'SIGKILL');
      } catch {
        // gone by itself
      }
    }
  }
}
