import type { Socket } from 'node:net';
import { asLeewardError, LeewardError } from '../../errors/leeward-error.js';
import { FrameReader } from '../../protocol/frame-reader.js';
import type { CancelRequest, CancelResponse, ExecuteRequest, ExecuteResponse } from '../../protocol/messages.gen.js';
import { parseRequest, type Request } from '../../protocol/request.js';
import { PROTOCOL } from '../../protocol/schema.gen.js';
import { type Answer, refusal } from './answer.js';
import type { ByteBudget } from './byte-budget.js';
import { Executions } from './executions.js';
import { FrameClock } from './frame-clock.js';
import type { Peer, RequestHandler } from './handler.js';
import { Outlet } from './outlet.js';
import { OutputFrames } from './output-frames.js';
import type { Turns } from './turns.js';
import type { Reader, UnreadAnswers } from './unread-answers.js';

/** Bounds on what one connection may make the daemon hold. */
export interface ConnectionLimits {
  /** Execute requests under way; further ones wait in line. */
  readonly inFlight: number;
  /** Requests that are not answered yet; from it on nothing more is read. */
  readonly held: number;
  /** Bytes of these requests; above it nothing more is read. The largest request fits, so that it can be cancelled. */
  readonly requestBytes: number;
  /** Bytes that count for no budget: small requests get through, whatever else the tenant has under way. */
  readonly freeBytes: number;
  /** Bytes of answers that the peer has not read; from it on nothing more is read. With output counted, no Execute begins, either. */
  readonly unreadBytes: number;
  /** Bytes of such answers with which the next one ends the connection: requests under way go on making some. */
  readonly answerBytes: number;
  /** A peer that stops in the middle of a frame, or does not read its answers, is dropped after this time. */
  readonly stallMs: number;
  /** A peer whose frame is not complete after this time is dropped, though it sends a byte now and then. */
  readonly frameMs: number;
  /** While nothing is read, its end would not be seen: so often it is looked for. */
  readonly goneMs: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = {
  inFlight: 64,
  held: 1024,
  requestBytes: PROTOCOL.maxFrame,
  freeBytes: 1 << 16,
  unreadBytes: 1 << 20,
  answerBytes: 64 << 20,
  stallMs: 60_000,
  frameMs: 120_000,
  goneMs: 250,
};

/** Whose connection it is, and what it shares with the others. */
export interface ConnectedClient {
  readonly peer: Peer;
  /** Name of the tenant: what its connections may have, they have together. */
  readonly owner: string;
  readonly turns: Turns;
  readonly budget: ByteBudget;
  readonly unread: UnreadAnswers;
  /** Whether the peer has closed the socket, also when that has not been read yet. */
  readonly isGone: () => boolean;
}

/**
 * One client. Requests with an id are answered as they are ready, those without in the order sent. Only Execute waits for its turn;
 * every other request is carried out as it comes. When the client goes, its requests are aborted. A client that shuts down only its
 * sending side counts as gone.
 */
export class Connection implements Reader {
  readonly #socket: Socket;
  readonly #peer: Peer;
  readonly #owner: string;
  readonly #turns: Turns;
  readonly #budget: ByteBudget;
  readonly #unread: UnreadAnswers;
  /** Room that is taken of the budget. */
  #charged = 0;
  readonly #handler: RequestHandler;
  readonly #limits: ConnectionLimits;
  readonly #reader = new FrameReader();
  readonly #outlet: Outlet;
  readonly #executions: Executions;
  /** Resolves when the connection is no more. */
  readonly closed: Promise<void>;
  /** Settles when every request without id that was read so far is answered. */
  #ordered: Promise<void> = Promise.resolve();
  #held = 0;
  #finishing = false;
  #requestBytes = 0;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #lost: LeewardError | undefined;
  #stall: NodeJS.Timeout | undefined;
  readonly #frameClock: FrameClock;
  #lastMoved = performance.now();
  readonly #isGone: () => boolean;
  #lookout: NodeJS.Timeout | undefined;

  constructor(socket: Socket, handler: RequestHandler, client: ConnectedClient, limits = CONNECTION_LIMITS) {
    const { peer, owner, turns, budget, unread, isGone } = client;
    this.#socket = socket;
    this.#peer = peer;
    this.#owner = owner;
    this.#turns = turns;
    this.#budget = budget;
    this.#unread = unread;
    unread.add(owner, this);
    this.#handler = handler;
    this.#limits = limits;
    this.#frameClock = new FrameClock(limits.frameMs, () => socket.destroy());
    this.#outlet = new Outlet(
      socket,
      limits.answerBytes,
      () => this.#watch(),
      () => this.#advance(),
    );
    // What a client does not read would pile up otherwise, with each job that ends.
    const mayBegin = () => this.#outlet.unread < limits.unreadBytes;
    this.#executions = new Executions(limits.inFlight, mayBegin, (request, signal, arrivedAt) =>
      this.#execute(request, peer, signal, arrivedAt),
    );
    this.#isGone = isGone;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('drain', () => this.#advance());
    socket.on('error', () => socket.destroy());
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#close();
        resolve();
      });
    });
  }

  /** Takes nothing more, and ends when the client has what was answered. */
  finish(): void {
    this.#finishing = true;
    this.#socket.pause();
    this.#socket.destroySoon();
  }

  /** Since when nothing is asked and nothing is on its way, on the clock of `performance.now()`; undefined: something is. */
  idleSince(): number | undefined {
    const isIdle = this.#held === 0 && this.#waiting.length === 0 && this.#reader.buffered === 0;
    return isIdle && this.#socket.writableLength === 0 && !this.#finishing ? this.#lastMoved : undefined;
  }

  /** Ends an idle connection in favour of another one, and says so as far as the kernel takes it at once. */
  giveWay(): void {
    this.#finishing = true;
    const message = 'the connection was idle, and its place was needed';
    const hint = 'connect again: nothing was under way';
    this.#send(refusal('Error', null, new LeewardError('LW_DAEMON_BUSY', message, { hint })));
    this.#socket.destroy();
  }

  /** Drops the client at once. */
  drop(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Uint8Array): void {
    const { payloads, lost } = this.#reader.push(chunk);
    if (payloads.length > 0) this.#frameClock.reset();
    for (const payload of payloads) {
      this.#waiting.push(payload);
      this.#waitingBytes += payload.length;
    }
    this.#lost = lost;
    this.#advance();
  }

  /** Takes as many requests as the bounds allow, when it is their turn, and reads on when all that came was taken. */
  #advance(): void {
    if (this.#mayTake()) this.#turns.take(this.#owner, this.#takeOne);
    this.#settle();
  }

  /** One function for all times: a connection has one place in the line. */
  readonly #takeOne = (): boolean => {
    const payload = this.#mayTake() ? this.#waiting.shift() : undefined;
    if (payload !== undefined) this.#take(payload);
    if (this.#mayTake()) return true;
    this.#settle();
    return false;
  };

  #settle(): void {
    this.#lastMoved = performance.now();
    this.#executions.advance();
    if (this.#waiting.length === 0 && this.#lost !== undefined) this.#refuseStream(this.#lost);
    const isCharged = this.#charge();
    if (this.#waiting.length > 0 || !this.#hasRoom() || !isCharged) this.#socket.pause();
    else if (this.#lost === undefined) this.#socket.resume();
    this.#lookOut();
    this.#watch();
  }

  /** Takes room for what is held and for all of the frame that has begun; without it nothing more is read. */
  #charge(): boolean {
    const bytes = Math.max(0, this.#requestBytes + this.#waitingBytes + this.#reader.begun - this.#limits.freeBytes);
    const more = this.#socket.destroyed ? -this.#charged : bytes - this.#charged;
    if (more > 0 && !this.#budget.take(this.#owner, more, this.#hasRoomAgain)) return false;
    this.#charged += more;
    if (more <= 0) this.#budget.forget(this.#owner, this.#hasRoomAgain);
    if (more < 0) this.#budget.release(this.#owner, -more);
    return true;
  }

  readonly #hasRoomAgain = (): void => this.#advance();

  /** While nothing is read, the end of the peer has to be looked for. Who is read from, as whoever asks for nothing, costs no timer. */
  #lookOut(): void {
    if (!this.#socket.isPaused()) {
      clearInterval(this.#lookout);
      this.#lookout = undefined;
    } else {
      this.#lookout ??= setInterval(() => {
        if (!this.#finishing && this.#isGone()) this.#socket.destroy();
      }, this.#limits.goneMs).unref();
    }
  }

  #mayTake(): boolean {
    return this.#waiting.length > 0 && !this.#finishing && this.#hasRoom();
  }

  #hasRoom(): boolean {
    const { held, requestBytes, unreadBytes } = this.#limits;
    return this.#held < held && this.#requestBytes <= requestBytes && this.#outlet.unreadAnswers < unreadBytes;
  }

  #take(payload: Uint8Array): void {
    this.#waitingBytes -= payload.length;
    const parsed = parseRequest(payload);
    this.#handler.received?.();
    this.#held++;
    this.#requestBytes += payload.length;
    const answer = parsed.ok
      ? this.#answer(parsed.request)
      : Promise.resolve(refusal(parsed.type, parsed.id, parsed.error));
    const id = parsed.ok ? (parsed.request.id ?? null) : parsed.id;
    const sent = id === null ? this.#sendInOrder(answer) : answer.then((ready) => this.#send(ready));
    void sent.then(() => {
      this.#held--;
      this.#requestBytes -= payload.length;
      this.#advance();
    });
  }

  async #answer(request: Request): Promise<Answer> {
    try {
      switch (request.type) {
        case 'Execute':
          return await this.#executions.run(request);
        case 'Ping':
          return this.#handler.ping(request);
        case 'Status':
          return await this.#handler.status(request, this.#peer);
        case 'Cancel':
          return cancelResponse(request, this.#executions.cancel(request.request));
        default:
          return await this.#handler.administer(request, this.#peer);
      }
    } catch (error) {
      return refusal(request.type, request.id ?? null, asLeewardError(error));
    }
  }

  #sendInOrder(answer: Promise<Answer>): Promise<void> {
    this.#ordered = this.#ordered.then(async () => this.#send(await answer));
    return this.#ordered;
  }

  get unreadAnswers(): number {
    return this.#outlet.unreadAnswers;
  }

  #send(answer: Answer): void {
    this.#unread.makeRoom(this.#owner);
    this.#outlet.answer(answer);
  }

  async #execute(
    request: ExecuteRequest,
    peer: Peer,
    signal: AbortSignal,
    arrivedAt: number,
  ): Promise<ExecuteResponse> {
    const { id, stream } = request;
    if (id === undefined || stream !== true)
      return await this.#handler.execute(request, peer, signal, arrivedAt, undefined);
    const frames = new OutputFrames(id, this.#outlet);
    const answer = await this.#handler.execute(request, peer, signal, arrivedAt, frames.listener);
    frames.flush();
    return answer;
  }

  /** The stream cannot be followed any further: one error frame behind the answers that are due, then the end. */
  #refuseStream(error: LeewardError): void {
    this.#lost = undefined;
    this.#socket.removeAllListeners('data');
    void this.#sendInOrder(Promise.resolve(refusal('Error', null, error))).then(() => this.#socket.destroySoon());
  }

  /** While the peer owes us the rest of a frame, or the reading of an answer, the clock runs; anything that moves stops it. */
  #watch(): void {
    clearTimeout(this.#stall);
    const owesRequest = this.#reader.buffered > 0 && !this.#socket.isPaused();
    if (owesRequest) this.#frameClock.run();
    else this.#frameClock.stop();
    const owes = owesRequest || this.#socket.writableLength > 0;
    if (!owes || this.#socket.destroyed) return;
    const before = this.#progress();
    this.#stall = setTimeout(() => {
      if (this.#progress() === before) this.#socket.destroy();
      else this.#watch();
    }, this.#limits.stallMs).unref();
  }

  #progress(): string {
    return `${this.#socket.bytesRead}, ${this.#outlet.progress}`;
  }

  #close(): void {
    clearTimeout(this.#stall);
    this.#frameClock.stop();
    this.#unread.remove(this.#owner, this);
    clearInterval(this.#lookout);
    this.#waiting = [];
    this.#charge();
    this.#executions.abort(new LeewardError('LW_JOB_CANCELLED', 'the client is gone'));
  }
}

function cancelResponse({ id }: CancelRequest, cancelled: boolean): CancelResponse {
  return { type: 'Cancel', id: id ?? null, success: true, result: { cancelled } };
}
