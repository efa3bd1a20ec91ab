import { chmodSync, chownSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Account } from './account.js';
import { testHost } from './host.js';

/** The directories that a daemon and its user have in a test. They go with the scratch directory of the run. */
export class Place {
  readonly account: Account;
  readonly root: string;
  readonly home: string;
  readonly state: string;
  /** Beneath it tests make the directories that jobs get. */
  readonly jobs: string;

  constructor(account: Account) {
    this.account = account;
    this.root = mkdtempSync(join(testHost().scratch, `${account.name}-`));
    chmodSync(this.root, 0o755);
    this.home = this.directory('home');
    this.state = this.directory('state', 0o755);
    symlinkSync(join(testHost().builtState, 'runtimes'), join(this.state, 'runtimes'));
    this.jobs = this.directory('jobs', 0o755);
    this.directory('run');
  }

  /** The whole environment of the account's processes. */
  get environment(): Record<string, string> {
    return {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: this.home,
      XDG_RUNTIME_DIR: join(this.root, 'run'),
      LEEWARD_STATE_DIR: this.state,
      LEEWARD_SOCKET: this.socket,
      // There is one port of that number on a host, and many daemons of tests.
      LEEWARD_METRICS_PORT: '0',
      // Of the host's own daemon, if there is one, it wants nothing.
      LEEWARD_CGROUP: `leeward-test-${basename(this.root)}`,
    };
  }

  get socket(): string {
    return join(this.root, 'run', 'leeward.sock');
  }

  /** Makes a directory that belongs to the account (or to `owner`). */
  directory(name: string, mode = 0o700, owner: Owner = this.account): string {
    const path = join(this.root, name);
    mkdirSync(path);
    return owned(path, mode, owner);
  }

  /** Writes a file that belongs to the account (or to `owner`). */
  file(name: string, content: string | Uint8Array, mode = 0o644, owner: Owner = this.account): string {
    const path = join(this.root, name);
    writeFileSync(path, content);
    return owned(path, mode, owner);
  }

  /** A fresh directory with `input` and `output` for one job. */
  job(name: string): JobPlace {
    this.directory(`jobs/${name}`, 0o755);
    const input = this.directory(`jobs/${name}/input`, 0o755);
    const output = this.directory(`jobs/${name}/output`, 0o755);
    return {
      name: `jobs/${name}`,
      input,
      output,
      fields: {
        allow_paths: [this.jobs],
        mounts: [
          { host: input, sandbox: '/input' },
          { host: output, sandbox: '/output', ro: false },
        ],
      },
    };
  }
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export interface JobPlace {
  /** Relative to the place's root. */
  readonly name: string;
  readonly input: string;
  readonly output: string;
  /** Members of a request that mounts both. */
  readonly fields: { allow_paths: string[]; mounts: { host: string; sandbox: string; ro?: boolean }[] };
}

function owned(path: string, mode: number, { uid, gid }: Owner): string {
  if (process.getuid?.() === 0) chownSync(path, uid, gid);
  chmodSync(path, mode);
  return path;
}
