import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ownSocket, stateDirectoryOf } from '../../protocol/socket-path.js';

/** The folder of package.json, from `src/daemon/config` and from `dist/daemon/config` alike. */
export const PACKAGE_ROOT = fileURLToPath(new URL('../../../', import.meta.url));

const HISTORY = 'policies';

/** A folder of policies. `required`: somebody named it, so that its absence is an error. */
export interface PolicyDirectory {
  readonly path: string;
  readonly required: boolean;
  /** No folder of the host: its files are in the history of policies. */
  readonly stored?: true;
}

/** Where policies, runtimes and tenants come from: folders that a daemon follows, or what `policy apply` gives it. */
export type PolicySource = 'directory' | 'store';

/** Where a daemon keeps and finds things; all paths are absolute. */
export interface DaemonPaths {
  readonly stateDirectory: string;
  readonly socket: string;
  /** An existing empty directory that the supervisor covers with a tmpfs in its own mount namespace. */
  readonly workspace: string;
  /** Built runtimes. */
  readonly runtimes: string;
  /** Folder of the history of policies. */
  readonly policyHistory: string;
  /** Folder of the audit log. */
  readonly auditLog: string;
  /** Of policies with the same name the one of the first folder is used. */
  readonly policyDirectories: readonly PolicyDirectory[];
}

export interface PathOptions {
  readonly stateDirectory?: string | undefined;
  readonly socket?: string | undefined;
  /** Folders that are searched before the configured and shipped ones. */
  readonly policyDirectories?: readonly string[] | undefined;
  /** Default: `directory`. From a store they are searched there and among the shipped ones alone. */
  readonly policySource?: PolicySource | undefined;
}

/** What the choice depends on, so that it can be tested; `processFacts` reads it. */
export interface ProcessFacts {
  readonly uid: number;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** @param service started by a keeper: whoever it runs as, its paths are root's, as the keeper has taken them */
export function processFacts(service = false): ProcessFacts {
  return { uid: service ? 0 : (process.getuid?.() ?? 0), home: homedir(), env: process.env };
}

/**
 * Chooses the paths: options, then `LEEWARD_*`, then the system's places for root and the XDG ones for a user.
 *
 * @throws LeewardError LW_PROTO_BAD_FIELD for a path that is not absolute or too long for a socket
 */
export function daemonPaths(options: PathOptions, facts: ProcessFacts): DaemonPaths {
  const stateDirectory = options.stateDirectory ?? stateDirectoryOf(facts);
  const env = options.socket === undefined ? facts.env : { ...facts.env, LEEWARD_SOCKET: options.socket };
  return {
    stateDirectory,
    socket: ownSocket({ uid: facts.uid, env, stateDirectory }),
    workspace: join(stateDirectory, 'workspace'),
    runtimes: join(stateDirectory, 'runtimes'),
    policyHistory: join(stateDirectory, HISTORY),
    auditLog: join(stateDirectory, 'audit'),
    policyDirectories: policyDirectories(options, facts, stateDirectory),
  };
}

function policyDirectories(
  options: PathOptions,
  { uid, home, env }: ProcessFacts,
  stateDirectory: string,
): PolicyDirectory[] {
  const shipped = join(PACKAGE_ROOT, 'policies');
  if (options.policySource === 'store') {
    return [
      { path: storeOf(join(stateDirectory, HISTORY)), required: false, stored: true },
      { path: shipped, required: false },
    ];
  }
  const named = (options.policyDirectories ?? []).map((path) => ({ path, required: true }));
  const configured = uid === 0 ? [] : [join(configHome(home, env), 'leeward', 'policies')];
  const found = [...configured, '/etc/leeward/policies', shipped];
  return [...named, ...found.map((path) => ({ path, required: false }))];
}

/** The folder in which findings see the files of a store. @param history folder of the history of policies */
export function storeOf(history: string): string {
  return join(history, 'store');
}

function configHome(home: string, env: ProcessFacts['env']): string {
  const configured = env['XDG_CONFIG_HOME'];
  return configured?.startsWith('/') ? configured : join(home, '.config');
}
