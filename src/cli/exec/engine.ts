import type { Client, OutputCallback } from '../../client/client.js';
import type { Daemon, Library } from '../../daemon/index.js';
import { asLeewardError, LeewardError } from '../../errors/leeward-error.js';
import type { ExecuteResponse } from '../../protocol/messages.gen.js';
import { UsageError } from '../usage-error.js';
import { connectTrusted, daemonSocket, type LiveDaemon } from './remote.js';
import type { ExecRequest } from './request.js';

/** What runs the job: a daemon, or one in this process. */
export interface Engine {
  readonly via: 'daemon' | 'embedded';
  /** The daemon's socket; null when embedded. */
  readonly socket: string | null;
  /**
   * Refusals and failures are answers, too. Aborting kills the job.
   *
   * @param onOutput gets the output while the job runs; without it all of it is in the answer
   */
  execute(request: ExecRequest, signal: AbortSignal, onOutput: OutputCallback | undefined): Promise<ExecuteResponse>;
  /** Policies and runtimes as the engine has them, where this user may build them; else undefined. */
  library(): Promise<Library | undefined>;
  close(): Promise<void>;
}

export interface EngineChoice {
  /** The value of `--socket`. */
  readonly socket: string | undefined;
  /** The flag `--embedded`. */
  readonly embedded: boolean;
  readonly paths: { readonly policyDirectories?: string[]; readonly stateDirectory?: string };
  /** `--allow-path` was given: then a daemon that does not take it from this user has to refuse the request. */
  readonly allowPaths: boolean;
}

/**
 * A running daemon where there is one or one was named, else the embedded one.
 *
 * @throws LeewardError LW_DAEMON_UNREACHABLE, LW_DAEMON_UNTRUSTED_SERVER; as `Daemon.start`
 * @throws UsageError for folders that only an embedded daemon could use
 */
export async function chooseEngine(choice: EngineChoice): Promise<Engine> {
  const socket = choice.embedded ? undefined : daemonSocket(choice.socket);
  if (socket !== undefined) {
    if (Object.keys(choice.paths).length > 0) {
      throw new UsageError(
        `the daemon on ${socket} has its own policies and state`,
        'add --embedded, or leave out the folders',
      );
    }
    return new RemoteEngine(await connectTrusted(socket), socket, choice.allowPaths);
  }
  const { Daemon } = await import('../../daemon/index.js');
  return new EmbeddedEngine(await Daemon.start({ ...choice.paths, embedded: true }));
}

class RemoteEngine implements Engine {
  readonly via = 'daemon';
  readonly socket: string;
  readonly #client: Client;
  readonly #uid: number;
  readonly #allowPaths: boolean;

  constructor({ client, uid }: LiveDaemon, socket: string, allowPaths: boolean) {
    this.#client = client;
    this.#uid = uid;
    this.socket = socket;
    this.#allowPaths = allowPaths;
  }

  async execute(request: ExecRequest, signal: AbortSignal, onOutput?: OutputCallback): Promise<ExecuteResponse> {
    try {
      signal.throwIfAborted();
      return await this.#client.execute(this.#admissible(request), { onOutput, signal });
    } catch (error) {
      return failed(signal.aborted ? signal.reason : error);
    }
  }

  async library(): Promise<Library | undefined> {
    if (this.#uid !== process.getuid?.()) return undefined;
    const { daemon } = await this.#client.status();
    const { openLibrary } = await import('../../daemon/index.js');
    return openLibrary({ stateDirectory: daemon.state_directory });
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  /** The current directory is allowed for the daemon's own user and root only: for others it is not even asked for. */
  #admissible(request: ExecRequest): ExecRequest {
    const uid = process.getuid?.() ?? 0;
    if (this.#allowPaths || uid === 0 || uid === this.#uid) return request;
    const { allow_paths: _, ...rest } = request;
    return rest;
  }
}

class EmbeddedEngine implements Engine {
  readonly via = 'embedded';
  readonly socket = null;
  readonly #daemon: Daemon;

  constructor(daemon: Daemon) {
    this.#daemon = daemon;
  }

  async execute(request: ExecRequest, signal: AbortSignal, onOutput?: OutputCallback): Promise<ExecuteResponse> {
    return await this.#daemon.execute({ ...request, type: 'Execute' }, this.#daemon.ownPeer, { onOutput, signal });
  }

  async library(): Promise<Library> {
    return this.#daemon.library;
  }

  async close(): Promise<void> {
    await this.#daemon.stop(0);
  }
}

/** An answer for a request that got none. */
function failed(thrown: unknown): ExecuteResponse {
  const error = thrown instanceof LeewardError ? thrown : asLeewardError(thrown);
  return { type: 'Execute', id: null, success: false, error: error.toJSON() };
}
