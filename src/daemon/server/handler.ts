import type {
  ExecuteRequest,
  ExecuteResponse,
  PingRequest,
  PingResponse,
  StatusRequest,
  StatusResponse,
} from '../../protocol/messages.gen.js';

/** Ids of the peer of a connection, by the kernel's word. */
export interface Peer {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

/** What a connection needs of the daemon. Handlers answer every request; they do not throw. */
export interface RequestHandler {
  /**
   * @param signal aborts when the client is gone: its job has to be cancelled
   * @param arrivedAt when the request came, on the clock of `performance.now()`
   */
  execute(request: ExecuteRequest, peer: Peer, signal: AbortSignal, arrivedAt: number): Promise<ExecuteResponse>;
  ping(request: PingRequest): PingResponse;
  status(request: StatusRequest): StatusResponse;
}
