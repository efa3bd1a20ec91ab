import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { Duplex } from 'node:stream';
import { decodePayload, type WireMap } from '../../src/protocol/decode.js';
import { encodeFrame } from '../../src/protocol/encode.js';
import { FrameReader } from '../../src/protocol/frame-reader.js';
import type {
  CancelResponse,
  ErrorBody,
  ErrorResponse,
  ExecuteRequest,
  ExecuteResponse,
  JobResult,
  PingResponse,
  StatusResponse,
  StatusResult,
} from '../../src/protocol/messages.gen.js';
import { type Account, commandAs } from './account.js';

export type Answer = ExecuteResponse | PingResponse | StatusResponse | CancelResponse | ErrorResponse;
export type ExecuteFields = Omit<ExecuteRequest, 'type' | 'id' | 'code'>;

const RELAY = readFileSync(new URL('relay.py', import.meta.url), 'utf8');

/** A connection as tests need it: it also sends what no client of ours would. */
export class Connection {
  readonly #stream: Duplex;
  readonly #reader = new FrameReader();
  readonly #answers: Answer[] = [];
  readonly #waiting: ((ended: boolean) => void)[] = [];
  #nextId = 1000;
  #ended = false;

  private constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => this.#receive(chunk));
    stream.on('error', () => this.#end());
    stream.on('close', () => this.#end());
  }

  /** Connects as the account's user: SO_PEERCRED at the daemon says its ids. */
  static async open(socket: string, account: Account): Promise<Connection> {
    if (account.uid !== process.getuid?.()) return new Connection(relay(socket, account));
    const stream = createConnection(socket);
    await new Promise<void>((resolve, reject) => {
      stream.once('connect', resolve);
      stream.once('error', reject);
    });
    return new Connection(stream);
  }

  /** Reads nothing until `resume`. */
  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  /** Sends bytes as they are. */
  send(bytes: Uint8Array): void {
    this.#stream.write(bytes);
  }

  /** The answer that `accept` takes, among those that came and that will come. Undefined when the connection ends first. */
  async receive(accept: (answer: Answer) => boolean = () => true): Promise<Answer | undefined> {
    for (;;) {
      const index = this.#answers.findIndex(accept);
      if (index >= 0) return this.#answers.splice(index, 1)[0];
      if (this.#ended) return undefined;
      await new Promise<boolean>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Sends a message as it is, with an id of its own, and gives the answer to it. */
  async ask(message: object): Promise<Answer> {
    const id = this.#nextId++;
    this.send(encodeFrame({ ...message, id }));
    const answer = await this.receive((candidate) => candidate.id === id);
    if (answer === undefined) throw new Error(`the connection ended before the answer to ${JSON.stringify(message)}`);
    return answer;
  }

  /** Executes under the policy `python`, unless `fields` names another. */
  async execute(code: string, fields: ExecuteFields = {}): Promise<ExecuteResponse> {
    return (await this.ask({ type: 'Execute', code, policy: 'python', ...fields })) as ExecuteResponse;
  }

  /** As `execute`, for code that must have started: gives the result, whatever its status. */
  async run(code: string, fields: ExecuteFields = {}): Promise<JobResult> {
    const answer = await this.execute(code, fields);
    if (answer.result === undefined) throw new Error(`no result: ${JSON.stringify(answer.error)}`);
    return answer.result;
  }

  /** As `execute`, for a request that must be refused before anything runs. */
  async refused(code: string, fields: object = {}): Promise<ErrorBody> {
    const answer = await this.ask({ type: 'Execute', code, policy: 'python', ...fields });
    if (answer.success || answer.error === undefined || 'result' in answer) {
      throw new Error(`not refused: ${JSON.stringify(answer)}`);
    }
    return answer.error;
  }

  async status(): Promise<StatusResult> {
    const answer = (await this.ask({ type: 'Status' })) as StatusResponse;
    if (answer.result === undefined) throw new Error(`no status: ${JSON.stringify(answer.error)}`);
    return answer.result;
  }

  close(): void {
    this.#stream.destroy();
    this.#end();
  }

  #receive(chunk: Uint8Array): void {
    for (const payload of this.#reader.push(chunk).payloads) {
      this.#answers.push(plain(decodePayload(payload)) as unknown as Answer);
    }
    this.#wake(false);
  }

  #end(): void {
    this.#ended = true;
    this.#wake(true);
  }

  #wake(ended: boolean): void {
    for (const resume of this.#waiting.splice(0)) resume(ended);
  }
}

function relay(socket: string, account: Account): Duplex {
  const [command = '', ...args] = commandAs(account, ['/usr/bin/python3', '-I', '-c', RELAY, socket]);
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const stream = Duplex.from({ writable: child.stdin, readable: child.stdout });
  stream.once('close', () => child.kill('SIGKILL'));
  return stream;
}

/** With ordinary prototypes, so that matchers compare and print it as usual. */
function plain(map: WireMap): object {
  const member = (value: unknown): unknown => {
    if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value;
    return Array.isArray(value) ? value.map(member) : plain(value as WireMap);
  };
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, member(value)]));
}
