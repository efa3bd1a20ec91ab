// A daemon of the benchmark's own: its socket and state are in a temporary directory, the built runtimes are the user's.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connect } from '../dist/client/connect.js';
import { stateDirectoryOf } from '../dist/protocol/socket-path.js';
import { sharingPolicy } from './policies.mjs';
import { WORKLOADS } from './workloads.mjs';

export const LEEWARD = fileURLToPath(new URL('../bin/leeward', import.meta.url));

const START_MS = 30_000;

/** Directories for one run of the benchmark. `remove` deletes them. */
export function makePlace() {
  const root = mkdtempSync(join(tmpdir(), 'leeward-bench-'));
  chmodSync(root, 0o755);
  const user = { uid: process.getuid(), env: process.env, home: homedir() };
  const state = join(root, 'state');
  mkdirSync(state);
  const built = join(stateDirectoryOf(user), 'runtimes');
  symlinkSync(built, join(state, 'runtimes'));
  for (const name of ['input', 'output', 'policies']) mkdirSync(join(root, name));
  for (const { policy } of WORKLOADS) {
    const { name, text } = sharingPolicy(policy);
    writeFileSync(join(root, 'policies', `${name}.yaml`), text);
  }
  return {
    root,
    built,
    socket: join(root, 'leeward.sock'),
    environment: {
      ...process.env,
      LEEWARD_STATE_DIR: state,
      LEEWARD_SOCKET: join(root, 'leeward.sock'),
      LEEWARD_METRICS_PORT: '0',
      LEEWARD_CGROUP: `leeward-bench-${process.pid}`,
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/**
 * @param {string[]} more arguments of the command
 * @returns {Promise<{stop: () => Promise<void>}>} once it listens
 */
export async function startDaemon(place, more = []) {
  // A root service takes what root gives at its start: here the directories of the benchmark.
  const given = process.getuid() === 0 ? ['--allow-path', place.root] : [];
  const child = spawn(
    process.execPath,
    [LEEWARD, 'daemon', '--policies', join(place.root, 'policies'), '--log-level', 'warn', ...given, ...more],
    {
      env: place.environment,
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const ended = once(child, 'exit');
  await connectWhenReady(place.socket, child);
  return {
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function connectWhenReady(socket, child) {
  const deadline = performance.now() + START_MS;
  for (;;) {
    try {
      const client = await connect({ socket });
      await client.close();
      return;
    } catch (error) {
      if (child.exitCode !== null) throw new Error(`the daemon ended with ${child.exitCode}`);
      if (performance.now() > deadline) throw error;
      await sleep(2);
    }
  }
}
