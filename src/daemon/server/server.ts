import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { LeewardError } from '../../errors/leeward-error.js';
import { encodeFrame } from '../../protocol/encode.js';
import type { SocketAccess } from '../config/socket-access.js';
import { refusal } from './answer.js';
import { ByteBudget } from './byte-budget.js';
import { Connection, type ConnectionLimits } from './connection.js';
import { ConnectionPlaces } from './connection-places.js';
import type { Peer, RequestHandler } from './handler.js';
import { listenOn, removeSocketFile, type SocketFile } from './socket-file.js';
import { Turns } from './turns.js';
import { UnreadAnswers } from './unread-answers.js';

/** Where to listen: a path with the permissions of its file, or a listening descriptor of that path that was passed to this process. */
export type ListenTarget =
  | { readonly path: string; readonly access: SocketAccess }
  | { readonly path: string; readonly fd: number };

export interface ServerOptions {
  readonly handler: RequestHandler;
  /** Ids of the peer of a connected socket's descriptor (SO_PEERCRED). */
  readonly peerOf: (fd: number) => Peer;
  /** Whether that peer has closed the socket, also when there is something left to read. */
  readonly isGone: (fd: number) => boolean;
  /** Name of a peer's tenant. Throws a LeewardError for a peer that is not served. */
  readonly admit: (peer: Peer) => string;
  /** Called for a peer that is turned away, by `admit` or because there are too many. */
  readonly onTurnedAway: (error: LeewardError, peer: Peer) => void;
  readonly onError: (error: unknown) => void;
  readonly limits?: ConnectionLimits | undefined;
  /** Bytes of requests that tenants may have. */
  readonly budget?: ByteBudget | undefined;
  /** Bytes of answers that tenants may leave unread. */
  readonly unread?: UnreadAnswers | undefined;
  /** Uids for whom some connections are kept. */
  readonly operators: readonly number[];
  /** Connections at a time, for one tenant no more than are left; further ones are answered LW_DAEMON_BUSY and closed. Default: 256. */
  readonly maxConnections?: number | undefined;
}

const FLUSH_MS = 1000;
const MAX_CONNECTIONS = 256;

/** The Unix socket that clients connect to. */
export class Server {
  readonly #options: ServerOptions;
  readonly #server: NetServer;
  readonly #connections = new Set<Connection>();
  readonly #places: ConnectionPlaces;
  readonly #turns = new Turns();
  readonly #unread: UnreadAnswers;
  readonly #budget: ByteBudget;
  #file: SocketFile | undefined;
  #path: string | null = null;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#budget = options.budget ?? new ByteBudget();
    this.#unread = options.unread ?? new UnreadAnswers();
    const maxConnections = options.maxConnections ?? MAX_CONNECTIONS;
    this.#places = new ConnectionPlaces(maxConnections, options.operators);
    this.#server = createServer({ pauseOnConnect: true }, (socket) => this.#accept(socket));
    // Those that are just being turned away count here.
    this.#server.maxConnections = 2 * maxConnections;
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Path of the socket while it listens. */
  get path(): string | null {
    return this.#path;
  }

  /** @throws LeewardError LW_DAEMON_SOCKET_IN_USE */
  async listen(target: ListenTarget): Promise<void> {
    if ('access' in target) {
      this.#file = await listenOn(this.#server, target.path, target.access);
    } else {
      await new Promise<void>((resolve, reject) => {
        this.#server.once('error', reject);
        this.#server.listen({ fd: target.fd }, resolve);
      });
    }
    this.#path = target.path;
    this.#server.on('error', this.#options.onError);
  }

  /** Takes no new connections, and removes the socket's file. Those that are open go on until `close`. */
  stopListening(): void {
    if (this.#file !== undefined) removeSocketFile(this.#file);
    this.#file = undefined;
    this.#path = null;
    if (this.#server.listening) this.#server.close();
  }

  /**
   * Ends the server. Clients may still read what was answered.
   *
   * @param flushMs how long they may take, milliseconds
   */
  async close(flushMs: number = FLUSH_MS): Promise<void> {
    this.stopListening();
    const open = [...this.#connections];
    for (const connection of open) connection.finish();
    const late = setTimeout(() => {
      for (const connection of open) connection.drop();
    }, flushMs);
    await Promise.all(open.map(({ closed }) => closed));
    clearTimeout(late);
  }

  #accept(socket: Socket): void {
    let peer: Peer | undefined;
    try {
      const { handler, limits, peerOf, isGone } = this.#options;
      const fd = descriptorOf(socket);
      peer = peerOf(fd);
      const owner = this.#options.admit(peer);
      let connection: Connection | undefined;
      const idleSince = () => connection?.idleSince();
      const giveWay = () => connection?.giveWay();
      socket.once('close', this.#places.take({ uid: peer.uid, owner, idleSince, giveWay }));
      const shared = { turns: this.#turns, budget: this.#budget, unread: this.#unread };
      const client = { peer, owner, ...shared, isGone: () => isGone(fd) };
      const made = new Connection(socket, handler, client, limits);
      connection = made;
      this.#connections.add(made);
      socket.once('close', () => this.#connections.delete(made));
      socket.resume();
    } catch (error) {
      this.#turnAway(socket, error, peer);
    }
  }

  #turnAway(socket: Socket, error: unknown, peer: Peer | undefined): void {
    socket.on('error', () => socket.destroy());
    if (!(error instanceof LeewardError)) {
      this.#options.onError(error);
      socket.destroy();
      return;
    }
    if (peer !== undefined) this.#options.onTurnedAway(error, peer);
    socket.end(encodeFrame(refusal('Error', null, error)), () => socket.destroy());
  }
}

/** Node has no public way to the descriptor of a connected socket. */
function descriptorOf(socket: Socket): number {
  const { fd } = (socket as Socket & { readonly _handle: { readonly fd: number } })._handle;
  return fd;
}
