import type { Logger } from 'pino';
import { loadAddon, nativeFile } from '../native/load.js';
import type { AuditLog } from './audit-log/audit-log.js';
import { checkHostIds } from './config/host-id-owners.js';
import { hostIdsOf } from './config/host-ids.js';
import { type HostPatience, hostPatience } from './config/host-patience.js';
import type { DaemonOptions } from './config/options.js';
import { type DaemonPaths, daemonPaths, processFacts } from './config/paths.js';
import { releaseAfter } from './config/release-locks.js';
import {
  claimInstance,
  DAEMON_INSTANCE,
  type Lock,
  lockDaemon,
  prepareStateDirectory,
} from './config/state-directory.js';
import { type SubordinateIds, slotIdsOf, subordinateIdFacts } from './config/subordinate-ids.js';
import { daemonLog } from './log/daemon-log.js';
import type { KeptLines } from './log/kept-lines.js';
import type { Monitoring } from './metrics/monitoring.js';
import type { PolicyCompilers } from './policies/compiling/compiler.js';
import type { Generations } from './policies/generations/generations.js';
import { compilersOf, openGenerations } from './policies/generations/open-generations.js';
import { KnownAbilities } from './policies/kernel-abilities.js';
import { RealPaths } from './policies/real-paths.js';
import { PolicyChanger } from './policies/store/changer.js';
import { type KeeperDescriptors, keptSupervisors } from './supervisor/kept-supervisors.js';
import { startedSupervisor, supervisorConfig } from './supervisor/source.js';
import type { SupervisorSource } from './supervisor/supervision.js';

/** What a daemon is made of before it has a supervisor. */
export interface DaemonParts {
  readonly options: DaemonOptions;
  readonly paths: DaemonPaths;
  readonly locks: readonly Lock[];
  readonly log: Logger;
  /** The last lines of that. */
  readonly lines: KeptLines;
  readonly source: SupervisorSource;
  readonly compilers: PolicyCompilers;
  readonly kernel: KnownAbilities;
  readonly generations: Generations;
  /** Undefined: nobody watches. */
  readonly monitoring: typeof Monitoring | undefined;
  readonly auditLog: AuditLog | undefined;
  readonly realPaths: RealPaths;
  /** For a daemon that does not come to be. */
  readonly release: () => Promise<void>;
}

/**
 * Opens it all, or nothing.
 *
 * @param keeper as for `Daemon.start`
 * @throws LeewardError LW_NATIVE_NOT_BUILT, LW_DAEMON_LOCKED, LW_DAEMON_HOST_IDS, LW_DAEMON_AUDIT_LOG, LW_POLICY_INVALID
 */
export async function openParts(options: DaemonOptions, keeper: KeeperDescriptors | undefined): Promise<DaemonParts> {
  const paths = daemonPaths(options, processFacts(keeper !== undefined));
  const embedded = options.embedded === true;
  const { log, lines } = daemonLog(options);
  prepareStateDirectory(paths);
  const locks: Lock[] = [];
  const compilers = compilersOf(options);
  let auditLog: AuditLog | undefined;
  const release = async () => {
    compilers.close();
    await auditLog?.close();
    await releaseAfter(locks, [auditLog?.ended], log);
  };
  try {
    const number = claim(paths, embedded, locks);
    if (!embedded) auditLog = (await import('./audit-log/audit-log.js')).openAuditLog(options, paths, log);
    const service = process.getuid?.() === 0 || keeper !== undefined;
    const source = supervisorSource({ paths, embedded, number, service, keeper, log });
    // `exec` has no use for it, and does not load it.
    const monitoring = embedded ? undefined : (await import('./metrics/monitoring.js')).Monitoring;
    const kernel = new KnownAbilities();
    const history = embedded ? undefined : (await import('./policies/history/open-history.js')).openHistory(paths, log);
    const generations = await openGenerations({ options, paths, service, compilers, kernel, history });
    const realPaths = realPathsOf(hostPatience(process.env));
    return {
      ...{ options, paths, locks, log, lines, source, compilers, kernel },
      ...{ generations, monitoring, auditLog, realPaths, release },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Undefined where nobody keeps what was served before. */
export function changerOf({ options, paths, generations, compilers }: DaemonParts): PolicyChanger | undefined {
  const { policySource: source = 'directory' } = options;
  const { policyDirectories: directories } = paths;
  const folder = directories[0]?.path;
  const { history } = generations;
  if (history === undefined || folder === undefined) return undefined;
  return new PolicyChanger({ generations, history, compilers, source, directories, folder });
}

/** Makes this the only daemon of a state directory, or one of the commands in it. Gives its number among those of the host's ids. */
function claim(paths: DaemonPaths, embedded: boolean, locks: Lock[]): number {
  const flock = (fd: number) => loadAddon().flock(fd);
  if (!embedded) {
    locks.push(lockDaemon(paths, flock));
    return DAEMON_INSTANCE;
  }
  const instance = claimInstance(paths, flock);
  locks.push(instance);
  return instance.number;
}

interface SourceParts {
  readonly paths: DaemonPaths;
  readonly embedded: boolean;
  readonly number: number;
  readonly service: boolean;
  readonly keeper: KeeperDescriptors | undefined;
  readonly log: Logger;
}

function supervisorSource({ paths, embedded, number, service, keeper, log }: SourceParts): SupervisorSource {
  if (service) checkHostIds(hostIdsOf(number));
  const config = supervisorConfig({
    paths,
    embedded,
    instance: service ? number : undefined,
    subordinate: service ? undefined : subordinateIds(number, log),
    daemonPid: keeper === undefined ? 0 : process.pid,
    cgroup: process.env['LEEWARD_CGROUP'],
    landlockAbiCap: process.env['LEEWARD_TEST_LANDLOCK_ABI'],
    patience: hostPatience(process.env),
  });
  return keeper === undefined ? startedSupervisor(config, log) : keptSupervisors(keeper, config, log);
}

function realPathsOf({ openDeadlineMs, openHangingMax }: HostPatience): RealPaths {
  return new RealPaths({
    addon: loadAddon,
    helper: () => nativeFile('leeward-resolve'),
    deadlineMs: openDeadlineMs,
    hangingMax: openHangingMax,
  });
}

/** Those of the user, for the slots of his supervisor. */
function subordinateIds(instance: number, log: Logger): SubordinateIds | undefined {
  const slots = slotIdsOf(subordinateIdFacts(process.env['LEEWARD_SUBORDINATE_IDS']), instance);
  if ('ids' in slots) return slots.ids;
  log.debug(`all jobs have the user's own id: ${slots.without}`);
  return undefined;
}
