/** What lies on the host for probes to reach, and whether one has. A set of its own for every run of a probe. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { Place } from '../../harness/place.js';
import { statusOf } from '../../harness/processes.js';

/** What a snippet is told: `CANARY[...]`. The secret's content is not among it. */
export interface CanaryNames {
  /** A file that everybody may read and a job must not: its content in anything that a job gives out is an escape. */
  readonly secret: string;
  /** The same content where the daemon and other jobs have their files. */
  readonly others: readonly string[];
  /** A file and a directory that everybody may write. */
  readonly file: string;
  readonly directory: string;
  /** A process that waits. */
  readonly pid: number;
  /** Listeners: TCP on 127.0.0.1, a Unix socket by path and one by abstract name: all that follows the NUL, NULs among it. */
  readonly port: number;
  readonly socket: string;
  readonly abstract: string;
}

interface Parts {
  readonly names: CanaryNames;
  readonly root: string;
  /** Directories of `others`, which go too. */
  readonly made: readonly string[];
  readonly token: string;
  readonly sleeper: ChildProcess;
  readonly servers: readonly Server[];
  readonly reached: readonly string[];
}

const CONTENT = 'nobody changes this\n';

export class Canaries {
  readonly names: CanaryNames;
  readonly #root: string;
  readonly #made: readonly string[];
  readonly #token: string;
  readonly #process: ChildProcess;
  readonly #servers: readonly Server[];
  /** Listeners that somebody has connected to. */
  readonly #reached: readonly string[];

  private constructor(parts: Parts) {
    this.names = parts.names;
    this.#root = parts.root;
    this.#made = parts.made;
    this.#token = parts.token;
    this.#process = parts.sleeper;
    this.#servers = parts.servers;
    this.#reached = parts.reached;
  }

  /**
   * @param parent a directory that every user may enter
   * @param places directories in which the secret lies as well, in a directory of its own
   */
  static async create(parent: string, places: readonly string[] = []): Promise<Canaries> {
    const root = mkdtempSync(join(parent, 'canary-'));
    chmodSync(root, 0o755);
    const token = `canary-${randomBytes(12).toString('hex')}`;
    const [secret, file, directory] = [join(root, 'secret'), join(root, 'file'), mkdtempSync(join(root, 'directory-'))];
    writeFileSync(secret, `${token}\n`);
    writeFileSync(file, CONTENT);
    const made = places.map((place) => mkdtempSync(join(place, 'canary-')));
    const others = made.map((directory) => join(directory, 'secret'));
    for (const path of others) writeFileSync(path, `${token}\n`);
    for (const directory of made) chmodSync(directory, 0o755);
    for (const [path, mode] of [
      [secret, 0o644],
      [file, 0o666],
      [directory, 0o777],
    ] as const)
      chmodSync(path, mode);
    const sleeper = spawn('sleep', ['infinity'], { stdio: 'ignore' });
    const socket = join(root, 'socket');
    const abstract = `\0${token}`;
    const servers = [createServer(), createServer(), createServer()];
    const reached: string[] = [];
    const addresses = [{ host: '127.0.0.1', port: 0 }, { path: socket }, { path: abstract }];
    await Promise.all(servers.map((server, index) => listening(server, addresses[index] ?? {}, reached)));
    chmodSync(socket, 0o777);
    const address = servers[0]?.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const names = {
      secret,
      others,
      file,
      directory,
      pid: sleeper.pid ?? 0,
      port,
      socket,
      abstract: abstractName(token),
    };
    return new Canaries({ names, root, made, token, sleeper, servers, reached });
  }

  /**
   * What has happened to them since they were made.
   *
   * @param given everything that the probe gave out: output, files
   */
  effects(given: readonly string[]): readonly string[] {
    const { file, directory, pid } = this.names;
    const effects = [...this.#reached];
    if (given.some((text) => text.includes(this.#token))) effects.push('the secret was read');
    if (readOrNothing(file) !== CONTENT) effects.push('the file was changed');
    if (readdirSync(directory).length > 0) effects.push('the directory was written to');
    const state = statusOf(pid)?.get('State')?.[0];
    if (state === undefined || 'TtZX'.includes(state))
      effects.push(`the process was reached: its state is ${state ?? 'gone'}`);
    return effects;
  }

  async remove(): Promise<void> {
    this.#process.kill('SIGKILL');
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
    for (const path of [this.#root, ...this.#made]) rmSync(path, { recursive: true, force: true });
  }
}

/** The whole name of an abstract socket, as it was bound: Node fills the rest of sun_path, or not, by its version (unix(7)). */
function abstractName(beginning: string): string {
  const found = new RegExp(`@${beginning}(@*)$`, 'm').exec(readFileSync('/proc/net/unix', 'utf8'));
  if (found === null) throw new Error(`no socket has the abstract name ${beginning}`);
  return beginning + '\0'.repeat(found[1]?.length ?? 0);
}

/** Where a daemon has its state, its user a home, and other jobs their directories. */
export function placesOfOthers({ root, home, state, jobs }: Place): readonly string[] {
  return [root, home, state, jobs];
}

function listening(server: Server, address: object, reached: string[]): Promise<void> {
  server.on('connection', (connection) => {
    reached.push(`the listener at ${JSON.stringify(address)} was reached`);
    connection.destroy();
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, resolve);
  });
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
