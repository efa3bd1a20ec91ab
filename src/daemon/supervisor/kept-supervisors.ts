import type { Logger } from 'pino';
import { LeewardError } from '../../errors/leeward-error.js';
import { loadAddon } from '../../native/load.js';
import { Supervisor, type SupervisorConfig } from '../../native/supervisor.js';
import { attachOptions } from './source.js';
import type { SupervisorSource } from './supervision.js';

/** Descriptors that the keeper passes, by the numbers in its environment variables. */
export interface KeeperDescriptors {
  /** Channel of the first supervisor. */
  readonly supervisor: number;
  /** Each packet on it brings the channel of one more supervisor. */
  readonly keeper: number;
  /** The socket that clients connect to, bound and listening. */
  readonly listen: number;
}

/**
 * The descriptors that a keeper has passed, or undefined when none has started this process. The variables are removed: no child
 * of ours shall take them for its own.
 *
 * @throws LeewardError LW_INTERNAL when only a part of them is there
 */
export function takeKeeperDescriptors(env: NodeJS.ProcessEnv): KeeperDescriptors | undefined {
  const names = ['LEEWARD_SUPERVISOR_FD', 'LEEWARD_KEEPER_FD', 'LEEWARD_LISTEN_FD'] as const;
  if (names.every((name) => env[name] === undefined)) return undefined;
  const [supervisor = -1, keeper = -1, listen = -1] = names.map((name) => Number(env[name] ?? -1));
  for (const name of names) {
    const fd = Number(env[name] ?? -1);
    if (!Number.isInteger(fd) || fd < 3)
      throw new LeewardError('LW_INTERNAL', `${name} is '${env[name]}', not a descriptor`);
    delete env[name];
  }
  return { supervisor, keeper, listen };
}

/**
 * The supervisors that a keeper starts: the first one is there, each death of one is followed by a new one. When the keeper itself
 * dies, this process ends as on SIGTERM: it cannot get another supervisor.
 */
export function keptSupervisors(
  descriptors: KeeperDescriptors,
  config: SupervisorConfig,
  log: Logger,
): SupervisorSource {
  const ready = [descriptors.supervisor];
  const waiting: ((fd: number) => void)[] = [];
  const addon = loadAddon();
  const channel = new addon.Channel(descriptors.keeper, -1);
  channel.onPackets((batch) => {
    for (const fd of batch.flatMap(({ fds }) => fds)) {
      const take = waiting.shift();
      if (take === undefined) ready.push(fd);
      else take(fd);
    }
  });
  channel.onClose(() => {
    log.error('the keeper is gone');
    process.kill(process.pid, 'SIGTERM');
  });
  // The listening socket keeps this process alive; after `stop` nothing shall.
  channel.unref();
  return async (signal) => {
    // Of several that came meanwhile only the last can be alive.
    for (const stale of ready.splice(0, ready.length - 1)) addon.closeFd(stale);
    const fd = ready.pop() ?? (await next(waiting, signal));
    return await Supervisor.attach(fd, attachOptions(config, log));
  };
}

function next(waiting: ((fd: number) => void)[], signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    waiting.push((fd) => {
      // The signal is the daemon's, which outlives any number of supervisors.
      signal.removeEventListener('abort', abort);
      resolve(fd);
    });
  });
}
