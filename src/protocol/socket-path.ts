import { LeewardError } from '../errors/leeward-error.js';

/** The founding path: where a root daemon listens. */
const SYSTEM_SOCKET = '/var/run/leeward.sock';

// sun_path of unix(7) holds 108 bytes with the NUL.
const PATH_BYTES = 107;

/** What the choice of a socket depends on. */
export interface SocketFacts {
  readonly uid: number;
  /** `LEEWARD_SOCKET` and `XDG_RUNTIME_DIR` are read. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path of the state directory: without `XDG_RUNTIME_DIR` the user's socket is there. */
  readonly stateDirectory: string;
}

/**
 * The socket of a user's own daemon: `LEEWARD_SOCKET`, else the system's for root, else one in the user's runtime directory.
 *
 * @throws LeewardError LW_PROTO_BAD_FIELD when it is longer than a socket's path may be, or not absolute
 */
export function ownSocket({ uid, env, stateDirectory }: SocketFacts): string {
  const configured = env['LEEWARD_SOCKET'];
  if (configured !== undefined && configured !== '') return checked(configured);
  if (uid === 0) return SYSTEM_SOCKET;
  const runtime = env['XDG_RUNTIME_DIR'];
  return checked(runtime?.startsWith('/') ? `${runtime}/leeward/leeward.sock` : `${stateDirectory}/leeward.sock`);
}

/** Where a client looks for a daemon, in this order. A configured socket is the only candidate. */
export function socketCandidates(facts: SocketFacts): readonly string[] {
  const own = ownSocket(facts);
  return facts.env['LEEWARD_SOCKET'] || own === SYSTEM_SOCKET ? [own] : [own, SYSTEM_SOCKET];
}

/** `LEEWARD_STATE_DIR`, else /var/lib/leeward for root, else `leeward` in the user's XDG state directory. */
export function stateDirectoryOf({ uid, env, home }: StateFacts): string {
  const configured = env['LEEWARD_STATE_DIR'];
  if (configured !== undefined && configured !== '') return absolute('LEEWARD_STATE_DIR', configured);
  if (uid === 0) return '/var/lib/leeward';
  const state = env['XDG_STATE_HOME'];
  return state?.startsWith('/') ? `${state}/leeward` : `${home}/.local/state/leeward`;
}

export interface StateFacts {
  readonly uid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home directory. */
  readonly home: string;
}

function checked(path: string): string {
  if (new TextEncoder().encode(path).length > PATH_BYTES) {
    throw new LeewardError(
      'LW_PROTO_BAD_FIELD',
      `socket path ${path} is longer than the ${PATH_BYTES} bytes that a socket may have`,
      {
        hint: 'set LEEWARD_SOCKET to a shorter path',
      },
    );
  }
  return absolute('LEEWARD_SOCKET', path);
}

function absolute(name: string, path: string): string {
  if (!path.startsWith('/')) {
    throw new LeewardError('LW_PROTO_BAD_FIELD', `${name} is '${path}', not an absolute path`, {
      place: { field: name },
    });
  }
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}
