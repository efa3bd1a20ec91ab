import type { DaemonOptions } from './config/options.js';
import { daemonPaths, processFacts } from './config/paths.js';
import { Daemon } from './daemon.js';
import { removeStale } from './server/socket-file.js';
import { becomeKeeper, needsKeeper, refuseDebugger, serveUntilSignal } from './service.js';
import { takeKeeperDescriptors } from './supervisor/kept-supervisors.js';

export interface RunOptions extends DaemonOptions {
  /** Called when clients can connect. */
  readonly onReady?: ((daemon: Daemon) => void) | undefined;
}

/**
 * What `leeward daemon` does: serves its socket until SIGTERM, SIGINT or SIGHUP. As root it becomes the keeper first, which starts this
 * process again, without capabilities, beside a supervisor.
 *
 * @returns exit status
 * @throws LeewardError as `Daemon.start` and `Daemon.listen`
 */
export async function runDaemon(options: RunOptions = {}): Promise<number> {
  refuseDebugger();
  const keeper = takeKeeperDescriptors(process.env);
  if (keeper === undefined && needsKeeper()) return await becomeKeeper(daemonPaths(options, processFacts()), options);
  // A path that cannot be had is told before anything is started.
  if (keeper === undefined) await removeStale(daemonPaths(options, processFacts()).socket);
  const daemon = await Daemon.start(options, keeper);
  try {
    await daemon.listen(keeper === undefined ? undefined : { fd: keeper.listen, path: daemon.paths.socket });
  } catch (error) {
    await daemon.stop(0);
    throw error;
  }
  options.onReady?.(daemon);
  return await serveUntilSignal(daemon);
}
