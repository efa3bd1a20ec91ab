// A daemon for the checks, with what they need around it.
import { spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect } from '../../../dist/client/connect.js';
import { eventually } from './check.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** A uid and gid that no host gives away. */
export const ORDINARY = 12_345;

/** A daemon of its own socket, state and subtree of control groups; `connect` is the client of root. */
export class Daemon {
  #child;
  #socket;
  #log = '';

  /**
   * @param {{uid: number, group?: string, environment?: Record<string, string>}} options `group`: the directory of a control
   *   group that it joins first
   */
  static async start({ uid, group, environment = {} }) {
    const daemon = new Daemon();
    const place = mkdtempSync(join(tmpdir(), 'leeward-check-'));
    const [state, run] = [join(place, 'state'), join(place, 'run')];
    for (const folder of [state, run]) mkdirSync(folder, { mode: 0o755 });
    for (const folder of [place, state, run]) chownSync(folder, uid, uid);
    daemon.#socket = join(run, 'leeward.sock');
    const joining = group === undefined ? '' : `echo 0 > '${group}/cgroup.procs' && `;
    const as = uid === 0 ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--'];
    const policies = join(root, 'test/integration/policies');
    const argv = [...as, process.execPath, join(root, 'bin/leeward'), 'daemon', '--policies', policies];
    daemon.#child = spawn('sh', ['-c', `${joining}exec "$@"`, '-', ...argv], {
      cwd: '/',
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        HOME: place,
        LEEWARD_STATE_DIR: state,
        LEEWARD_SOCKET: daemon.#socket,
        LEEWARD_METRICS_PORT: '0',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [daemon.#child.stdout, daemon.#child.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        daemon.#log += text;
      });
    await daemon.#answers();
    return daemon;
  }

  async #answers() {
    await eventually('the daemon answers', 30, async () => {
      if (this.#child.exitCode !== null) throw new Error(`the daemon ended at once\n${this.#log}`);
      if (!existsSync(this.#socket)) return false;
      const client = await this.connect().catch(() => undefined);
      await client?.close();
      return client !== undefined;
    });
  }

  connect() {
    return connect({ socket: this.#socket, connectTimeoutMs: 60_000 });
  }

  /** Runs code and gives the result, whatever its status. */
  async run(code, options = {}) {
    const client = await this.connect();
    try {
      return plain(await client.runCode(code, options));
    } finally {
      await client.close();
    }
  }

  async status() {
    const client = await this.connect();
    try {
      return await client.status();
    } finally {
      await client.close();
    }
  }

  /** The control group of the process that was started, which is the daemon or its keeper. */
  get group() {
    return /^0::(.*)$/m.exec(readFileSync(`/proc/${this.#child.pid}/cgroup`, 'utf8'))?.[1];
  }

  get log() {
    return this.#log;
  }

  /** Ends it in the ordinary way. */
  async stop() {
    const ended = new Promise((done) => this.#child.once('exit', done));
    this.#child.kill('SIGTERM');
    await ended;
  }
}

/** With ordinary prototypes, so that results compare as they are written. */
function plain(result) {
  return JSON.parse(JSON.stringify(result));
}
