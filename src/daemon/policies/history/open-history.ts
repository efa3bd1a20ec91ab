import type { Logger } from 'pino';
import type { DaemonPaths } from '../../config/paths.js';
import { preparePolicyHistory } from '../../config/state-directory.js';
import { type HistoryOptions, PolicyHistory } from './history.js';
import { sweepUnfinished } from './unfinished.js';

/**
 * The history of a daemon with these paths, which has the lock of its state directory.
 *
 * @throws LeewardError LW_DAEMON_LOCKED when its folder cannot be made; as `PolicyHistory`
 */
export function openHistory(paths: DaemonPaths, log: Logger): PolicyHistory {
  preparePolicyHistory(paths);
  const history = historyOf(paths, {
    onProblem: (error) => {
      if (error === undefined) log.info('generations of policies are recorded again');
      else log.error({ code: error.code }, error.message);
    },
    onLeft: ({ code, message }) => log.error({ code }, message),
  });
  for (const problem of sweepUnfinished(paths.policyHistory)) log.warn(problem);
  return history;
}

/** As this user may trust it. @throws LeewardError as `PolicyHistory` */
export function historyOf(
  { policyHistory: folder }: DaemonPaths,
  told: Pick<HistoryOptions, 'onProblem' | 'onLeft'>,
): PolicyHistory {
  return new PolicyHistory({
    folder,
    trust: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
    ...told,
  });
}
