import type {
  ExecuteRequest,
  ExecuteResponse,
  PingRequest,
  PingResponse,
  StatusRequest,
  StatusResponse,
} from '../../protocol/messages.gen.js';
import type { AdministrativeRequest } from '../../protocol/request.js';
import type { AdministrativeAnswer } from './answer.js';

/** Ids of the peer of a connection, by the kernel's word. */
export interface Peer {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

/**
 * Called with the output of a job as it comes. Where the request has `stream`, the result has only how much it was, and `taken` (the same
 * for all of a job) has to be called with how many bytes need no memory any more: the job may be no more than a window ahead.
 */
export type OutputListener = (stream: 'stdout' | 'stderr', data: Uint8Array, taken: (bytes: number) => void) => void;

/** What a connection needs of the daemon. Handlers answer every request; they do not throw. */
export interface RequestHandler {
  /** Called once for each request that comes, also one that is refused because it is not well formed. */
  received?(): void;
  /**
   * @param signal aborts when the client is gone, or does not want it any more: its job has to be cancelled
   * @param arrivedAt when the request came, on the clock of `performance.now()`
   * @param onOutput of a request with `stream`
   */
  execute(
    request: ExecuteRequest,
    peer: Peer,
    signal: AbortSignal,
    arrivedAt: number,
    onOutput: OutputListener | undefined,
  ): Promise<ExecuteResponse>;
  ping(request: PingRequest): PingResponse;
  status(request: StatusRequest, peer: Peer): Promise<StatusResponse>;
  administer(request: AdministrativeRequest, peer: Peer): Promise<AdministrativeAnswer>;
}
