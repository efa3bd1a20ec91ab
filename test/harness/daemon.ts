import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StatusResult } from '../../src/protocol/messages.gen.js';
import { type Account, commandAs, isRoot } from './account.js';
import { Connection } from './connection.js';
import type { DelegatedGroup } from './delegation.js';
import { testHost } from './host.js';
import { Place } from './place.js';
import { childrenOf, commandLineOf, descendantsOf, statusOf } from './processes.js';
import { eventually } from './wait.js';

const INIT = readFileSync(new URL('init.py', import.meta.url), 'utf8');
const START_MS = 20_000;

export interface DaemonOptions {
  /** More arguments of `leeward daemon`. */
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Runs the daemon in a control group that is the account's own, so that an ordinary user has limits too. */
  readonly delegated?: DelegatedGroup | undefined;
  /** Has its policies from `policy apply` instead of folders. Default: false. */
  readonly store?: boolean;
  /** Further descriptors of ours that the daemon is started with, from 3 on. */
  readonly descriptors?: readonly number[];
  /** A command that becomes the daemon's, which it gets as its last arguments. */
  readonly by?: readonly string[];
}

/**
 * A daemon of the tests' own: its socket and state lie in a place of its own, and as root it runs in a PID namespace of
 * its own, so that nothing outlives the test and no signal can reach anything else.
 */
export class TestDaemon {
  readonly place: Place;
  readonly #outer: ChildProcess;
  #log = '';

  private constructor(
    place: Place,
    { args = [], environment = {}, delegated, store = false, descriptors = [], by = [] }: DaemonOptions,
  ) {
    this.place = place;
    const { node, root, policies } = testHost().installation;
    // A root service takes what root gives at its start: here the directories of the run.
    const given = place.account.uid === 0 ? ['--allow-path', testHost().scratch] : [];
    const source = store ? ['--policy-source', 'store'] : ['--policies', policies];
    const argv0 = [node, join(root, 'bin/leeward'), 'daemon', ...source, ...given, ...args];
    const daemon = [...by, ...commandAs(place.account, argv0)];
    const groups = delegated?.directories ?? [];
    const argv = ['/usr/bin/python3', '-I', '-c', INIT, ...groups, '--', ...daemon];
    // The namespace needs root; without it, `stop` relies on the daemon's own tear-down. It ends with the tests themselves.
    const namespace = [
      'setpriv',
      '--pdeathsig=KILL',
      '--',
      'unshare',
      '--pid',
      '--fork',
      '--kill-child',
      '--mount-proc',
    ];
    const unshare = isRoot ? namespace : [];
    const [command = '', ...rest] = [...unshare, ...argv];
    this.#outer = spawn(command, rest, {
      cwd: '/',
      env: { ...place.environment, ...environment },
      stdio: ['ignore', 'pipe', 'pipe', ...descriptors],
    });
    for (const stream of [this.#outer.stdout, this.#outer.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#log += text;
      });
    }
  }

  static async start(account: Account, options: DaemonOptions = {}): Promise<TestDaemon> {
    return TestDaemon.startIn(new Place(account), options);
  }

  /** Starts a daemon in a place that exists: the one of a daemon that died, or that a test prepared. */
  static async startIn(place: Place, options: DaemonOptions = {}): Promise<TestDaemon> {
    const daemon = new TestDaemon(place, options);
    try {
      await eventually('the daemon answers', START_MS, () => {
        if (/^init: daemon ended/m.test(daemon.#log)) throw new Error('the daemon ended at once');
        return daemon.#answers();
      });
    } catch (error) {
      await daemon.stop();
      throw new Error(`${error instanceof Error ? error.message : error}\n${daemon.#log}`, { cause: error });
    }
    return daemon;
  }

  get account(): Account {
    return this.place.account;
  }

  /** What the daemon wrote to its standard output and error. */
  get log(): string {
    return this.#log;
  }

  /** A new connection of the account's user. */
  connect(): Promise<Connection> {
    return Connection.open(this.place.socket, this.account);
  }

  /** The socket's file alone says little: a daemon that was killed leaves its own behind. */
  async #answers(): Promise<boolean> {
    if (!existsSync(this.place.socket)) return false;
    const connection = await this.connect().catch(() => undefined);
    const pong = await connection?.ask({ type: 'Ping' }).catch(() => undefined);
    connection?.close();
    return pong !== undefined;
  }

  async status(): Promise<StatusResult> {
    const connection = await this.connect();
    try {
      return await connection.status();
    } finally {
      connection.close();
    }
  }

  /** Host pid of the namespace's init. */
  get initPid(): number {
    const pid = this.#outer.pid ?? 0;
    return isRoot ? (childrenOf(pid)[0] ?? 0) : pid;
  }

  /** Host pid of the process that was started: the daemon itself, or as root what has become or started its keeper. */
  get mainPid(): number {
    return this.#matching(isLeeward)[0] ?? 0;
  }

  /** Host pid of the daemon that serves the socket: the innermost of the processes that run `leeward daemon`. */
  get daemonPid(): number {
    return this.#matching(isLeeward).at(-1) ?? 0;
  }

  /** Host pid of a root service's keeper. */
  get keeperPid(): number | undefined {
    return this.#matching(([command]) => command?.endsWith('leeward-keeper') === true)[0];
  }

  /** Host pids of the supervisor's two processes, the outer one first. */
  get supervisorPids(): readonly number[] {
    return this.processes().filter((pid) => commandLineOf(pid)[0]?.endsWith('leeward-supervisor'));
  }

  /** Host pids of everything that came of this daemon, without the dead that nobody has reaped yet. */
  processes(): readonly number[] {
    return descendantsOf(this.initPid).filter((pid) => statusOf(pid)?.get('State')?.startsWith('Z') === false);
  }

  /** Ends the daemon in the ordinary way; what is left of its namespace then is killed. */
  async stop(): Promise<void> {
    if (this.#outer.exitCode !== null || this.#outer.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => this.#outer.once('exit', () => resolve()));
    if (this.mainPid !== 0) process.kill(this.mainPid, 'SIGTERM');
    await eventually('the daemon ends', 10_000, () => this.processes().length === 0).catch(() => undefined);
    this.#outer.kill('SIGKILL');
    await ended;
  }

  #matching(matches: (argv: readonly string[]) => boolean): readonly number[] {
    return this.processes().filter((pid) => matches(commandLineOf(pid)));
  }
}

function isLeeward([command, ...args]: readonly string[]): boolean {
  return command?.endsWith('node') === true && args.some((word) => word.endsWith('bin/leeward'));
}
