import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { asLeewardError, LeewardError } from '../errors/leeward-error.js';
import type { EnvelopeRoot } from '../native/envelope.js';
import { nativeFile } from '../native/load.js';
import type { SupervisorConfig } from '../native/supervisor.js';
import { envelopePeers, keeperOptions } from './config/envelope.js';
import { checkHostIds } from './config/host-id-owners.js';
import { hostIdsOf } from './config/host-ids.js';
import { hostPatience } from './config/host-patience.js';
import type { DaemonOptions } from './config/options.js';
import { checkOwnFolder } from './config/own-files.js';
import { type DaemonPaths, PACKAGE_ROOT } from './config/paths.js';
import { socketAccess } from './config/socket-access.js';
import {
  DAEMON_INSTANCE,
  prepareAuditLog,
  prepareLock,
  preparePolicyHistory,
  prepareStateDirectory,
  prepareUsage,
} from './config/state-directory.js';
import { envelopeRoots } from './policies/envelope-roots.js';
import type { Folders } from './policies/folders.js';
import { historyOf } from './policies/history/open-history.js';
import type { Library } from './policies/library.js';
import { foldersOf, libraryOf, liveFolders } from './policies/open-library.js';
import type { StoredFiles } from './policies/store/stored-folders.js';
import { unreachable } from './runtime/interpreter.js';
import { removeStale } from './server/socket-file.js';
import { supervisorConfig } from './supervisor/source.js';

/** What is served until a signal comes. */
export interface Service {
  /** @param drainMs how long running jobs may take to end */
  stop(drainMs?: number | undefined): Promise<void>;
}

/** What asks for the end. SIGHUP comes when a terminal closes, not from somebody who is impatient. */
const ENDINGS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
/** A service manager signals each process of a group, and they pass it on: what comes so soon is the same order. */
const SAME_ORDER_MS = 500;

/**
 * Waits for SIGTERM, SIGINT or SIGHUP and stops the service: the first signal lets running jobs end, a later SIGTERM or SIGINT does
 * not.
 *
 * @returns exit status 0
 */
export function serveUntilSignal(service: Service): Promise<number> {
  let first: number | undefined;
  return new Promise((resolve, reject) => {
    const end = (signal: NodeJS.Signals): void => {
      const now = performance.now();
      first ??= now;
      const isImpatient = signal !== 'SIGHUP' && now - first > SAME_ORDER_MS;
      service.stop(isImpatient ? 0 : undefined).then(() => resolve(0), reject);
    };
    // They stay: without them one more signal would end the process in the middle of its tear-down.
    for (const signal of ENDINGS) process.on(signal, end);
  });
}

/** SIGUSR1 makes Node open a port on which any user of this host can debug it, unless there is a handler. */
export function refuseDebugger(): void {
  process.on('SIGUSR1', () => undefined);
}

const KEEPER = 'leeward-keeper';
const SERVICE_USER = 'leeward';

/** True for root without a keeper: Node is not to have root's capabilities while it serves clients. */
export function needsKeeper(): boolean {
  return process.getuid?.() === 0;
}

/**
 * Runs the keeper in this process's place and ends as it ends. It binds the socket, starts the supervisor, and starts this
 * command again with the descriptors of both.
 *
 * @param options whom and what root allows beside what policies and tenants name
 * @throws LeewardError LW_NATIVE_NOT_BUILT, LW_DAEMON_SOCKET_IN_USE, LW_POLICY_INVALID for tenants, and for a state directory or a
 *   folder of the socket that cannot be used
 */
export async function becomeKeeper(paths: DaemonPaths, options: DaemonOptions): Promise<number> {
  const keeper = nativeFile(KEEPER);
  checkHostIds(hostIdsOf(DAEMON_INSTANCE));
  mkdirSync(dirname(paths.socket), { recursive: true, mode: 0o755 });
  const passwd = readFileSync('/etc/passwd', 'utf8');
  const ids = serviceIds(passwd) ?? { uid: 0, gid: 0 };
  checkOwnFolder(dirname(paths.socket), ids, 'on the way');
  await removeStale(paths.socket, [0, ids.uid]);
  prepareStateDirectory(paths);
  const user = serviceUser(passwd, [process.execPath, join(PACKAGE_ROOT, 'package.json'), paths.workspace]);
  prepareLock(paths, user.gid);
  prepareUsage(paths, user);
  preparePolicyHistory(paths, user);
  if (options.auditLog !== false) prepareAuditLog(paths, user);
  const kernel = () => ({ landlockAbi: 0, privileged: true });
  const library = libraryOf(paths, true, kernel, trustedFolders(paths, options));
  const tenants = library.tenants();
  const { mode, gid } = socketAccess(options, tenants.length > 0);
  const flags = [
    ...['--socket', paths.socket],
    ...['--mode', mode.toString(8)],
    ...(gid === undefined ? [] : ['--group', String(gid)]),
    ...['--user', user.name],
    ...['--supervisor', nativeFile('leeward-supervisor')],
    ...keeperOptions({
      ...serviceFacts(paths),
      roots: rootsOf(library, paths, options),
      peers: envelopePeers(tenants, user.uid),
    }),
  ];
  const daemon = ['--', process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const env = { ...process.env, LEEWARD_STATE_DIR: paths.stateDirectory };
  const { execve } = process as { execve?: (file: string, args: readonly string[], env: NodeJS.ProcessEnv) => never };
  if (execve !== undefined) execve(keeper, [KEEPER, ...flags, ...daemon], env);
  return await runInForeground(keeper, [...flags, '--parent', String(process.pid), ...daemon], env);
}

/** What is in a store counts where root alone could have written it: not where the service has a user of its own. */
function trustedFolders(paths: DaemonPaths, { policySource }: DaemonOptions): Folders {
  if (policySource !== 'store') return liveFolders();
  const stored = trustedStore(paths);
  return foldersOf(paths, () => stored);
}

function trustedStore(paths: DaemonPaths): StoredFiles {
  try {
    return historyOf(paths, { onProblem: () => undefined, onLeft: () => undefined }).stored();
  } catch (error) {
    const { message } = asLeewardError(error);
    process.stderr.write(`leeward: the paths and users of the store are not given to the service: ${message}\n`);
    return new Map();
  }
}

/** Ids, control group and workspace of a service's supervisors. */
function serviceFacts(paths: DaemonPaths): SupervisorConfig {
  return supervisorConfig({
    paths,
    embedded: false,
    instance: DAEMON_INSTANCE,
    daemonPid: 0,
    cgroup: process.env['LEEWARD_CGROUP'],
    landlockAbiCap: undefined,
    patience: hostPatience(process.env),
  });
}

/** The policies are read here, by root: what the daemon may write is not asked. */
function rootsOf(
  library: Library,
  paths: DaemonPaths,
  { allowPaths = [], allowSources = [] }: DaemonOptions,
): readonly EnvelopeRoot[] {
  const own = [paths.runtimes, dirname(nativeFile('worker/libleeward-worker.so'))];
  const { roots, left } = envelopeRoots(library, { allowPaths, allowSources, own });
  for (const { policy, error } of left) {
    process.stderr.write(`leeward: the paths of policy ${policy} are not given to the service: ${error.message}\n`);
  }
  return roots;
}

/** Ids of the service's user, where the host has one. */
function serviceIds(passwd: string): { readonly uid: number; readonly gid: number } | undefined {
  const lines = passwd.split('\n').map((line) => line.split(':'));
  const entry = lines.find(([name]) => name === SERVICE_USER);
  return entry === undefined ? undefined : { uid: Number(entry[2]), gid: Number(entry[3]) };
}

/**
 * Whom the daemon runs as: the user `leeward` if there is one who can reach what it needs, else root, whom the keeper leaves
 * no capability.
 *
 * @param passwd text of passwd(5)
 * @param needed paths that the daemon has to reach
 */
export function serviceUser(
  passwd: string,
  needed: readonly string[],
): { readonly name: string; readonly uid: number; readonly gid: number } {
  const ids = serviceIds(passwd);
  const root = { name: 'root', uid: 0, gid: 0 };
  if (ids === undefined) return root;
  return needed.every((path) => unreachable(path, ids, 0) === undefined) ? { name: SERVICE_USER, ...ids } : root;
}

/**
 * What Node before 22.15 can do instead of execve(2): wait, pass signals on, and end with the same status. When this process is
 * killed, the keeper ends what it keeps.
 */
function runInForeground(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: 'inherit', env });
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
    process.on('SIGINT', () => {
      // A terminal sends it to the whole group: the child has it already.
      if (!process.stdin.isTTY) child.kill('SIGINT');
    });
    child.once('error', (error) =>
      reject(new LeewardError('LW_NATIVE_NOT_BUILT', `${file} cannot be started: ${error.message}`)),
    );
    child.once('exit', (status, signal) => resolve(status ?? 128 + (constants.signals[signal ?? 'SIGKILL'] ?? 9)));
  });
}
