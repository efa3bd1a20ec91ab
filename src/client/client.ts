import type { Socket } from 'node:net';
import { type ErrorCode, isErrorCode, LeewardError } from '../errors/leeward-error.js';
import { inWordsOf } from '../errors/vocabulary.js';
import { decodePayload, type WireMap } from '../protocol/decode.js';
import { encodeFrame } from '../protocol/encode.js';
import { FrameReader, HEADER_BYTES } from '../protocol/frame-reader.js';
import type {
  CancelRequest,
  CancelResponse,
  ErrorBody,
  ExecuteRequest,
  ExecuteResponse,
  JobKillRequest,
  JobKillResponse,
  JobKillResult,
  JobListResponse,
  JobListResult,
  LogReadRequest,
  LogReadResponse,
  LogReadResult,
  OutputFrame,
  PingRequest,
  PingResponse,
  PingResult,
  PolicyApplyRequest,
  PolicyApplyResponse,
  PolicyChangeResult,
  PolicyHistoryResponse,
  PolicyHistoryResult,
  PolicyPinRequest,
  PolicyPinResponse,
  PolicyPinResult,
  PolicyRollbackRequest,
  PolicyRollbackResponse,
  PolicyUnpinResponse,
  StatusRequest,
  StatusResponse,
  StatusResult,
  WorkerListResponse,
  WorkerListResult,
} from '../protocol/messages.gen.js';
import type { AdministrativeRequest } from '../protocol/request.js';
import { PROTOCOL } from '../protocol/schema.gen.js';
import { checkStructure, REQUEST_BOUNDS } from '../protocol/structure.js';
import { Follower } from './follow.js';
import { executeRequest, type FollowOptions, OPTION_OF_FIELD, type RunOptions } from './run-options.js';
import { type RunResult, runResult } from './run-result.js';

type Question = ExecuteRequest | PingRequest | StatusRequest | CancelRequest | AdministrativeRequest;
type AnswerWithResult =
  | PingResponse
  | StatusResponse
  | JobListResponse
  | JobKillResponse
  | WorkerListResponse
  | LogReadResponse
  | PolicyHistoryResponse
  | PolicyApplyResponse
  | PolicyRollbackResponse
  | PolicyPinResponse
  | PolicyUnpinResponse;
type Answer = ExecuteResponse | CancelResponse | AnswerWithResult;
/** Which jobs are to end: some by name, or all, narrowed or not. */
export type JobSelection = Omit<JobKillRequest, 'type' | 'id'>;
/** Gets the output of a job as it comes. */
export type OutputCallback = (stream: OutputFrame['stream'], data: Uint8Array) => void;

export interface ExecuteOptions {
  /** Called with the job's output as it comes, and not awaited. Then the answer has none of it. */
  readonly onOutput?: OutputCallback | undefined;
  /** Aborting cancels the job; it is answered as ever. */
  readonly signal?: AbortSignal | undefined;
}

interface Pending {
  readonly type: Answer['type'];
  readonly onOutput: OutputCallback | undefined;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: LeewardError) => void;
}

/**
 * One connection to a daemon; `connect` makes it. Any number of requests may be in flight. Closing the connection cancels
 * the jobs that were started on it.
 */
export class Client {
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #ended: LeewardError | undefined;

  /** @param socket connected, and used by nobody else */
  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) => this.#end(connectionLost(error.message)));
    socket.on('close', () => this.#end(connectionLost('the daemon closed the connection')));
  }

  /**
   * Sends an Execute request as it is, and gives its answer as it is: a refusal or a killed job does not throw.
   *
   * @throws LeewardError when there is no answer: LW_JOB_LOST, LW_REQUEST_TOO_LARGE, an LW_PROTO_* error of the connection;
   *   LW_JOB_CANCELLED when the signal was aborted before
   * @throws what `onOutput` throws; the job is cancelled then
   */
  async execute(
    request: Omit<ExecuteRequest, 'type' | 'id' | 'stream'>,
    { onOutput, signal }: ExecuteOptions = {},
  ): Promise<ExecuteResponse> {
    if (signal?.aborted === true) throw new LeewardError('LW_JOB_CANCELLED', 'aborted before anything was sent');
    const id = this.#nextId++;
    const cancel = () => void this.#cancel(id);
    const output = onOutput === undefined ? undefined : guarded(onOutput, cancel);
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      const stream = output === undefined ? {} : { stream: true };
      const answer = await this.#ask({ ...request, ...stream, type: 'Execute', id }, output?.callback);
      output?.rethrow();
      return answer as ExecuteResponse;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  /**
   * Runs code and gives its result, whatever the status is once the code has started: `result.status` tells, also of a job that was
   * cancelled by the signal.
   *
   * @throws LeewardError when there is no result: the request was refused, the sandbox could not be built, or the job was lost;
   *   it names the options, not the fields of the protocol
   */
  async runCode(code: string, options: RunOptions & FollowOptions = {}): Promise<RunResult> {
    const follower = Follower.of(options);
    const following = { onOutput: follower?.onOutput, signal: options.signal };
    const answer = await this.execute(executeRequest(code, options), following);
    if (answer.result !== undefined) return runResult(follower?.completed(answer.result) ?? answer.result, answer);
    throw errorOf(answer.error && inWordsOf(answer.error, OPTION_OF_FIELD));
  }

  /** @throws LeewardError LW_PROTO_VERSION when the daemon does not speak this client's protocol */
  async ping(): Promise<PingResult> {
    return await this.#resultOf<PingResponse>({ type: 'Ping', protocol: PROTOCOL.version });
  }

  async status(): Promise<StatusResult> {
    return await this.#resultOf<StatusResponse>({ type: 'Status' });
  }

  /** The jobs that run and that wait, as far as this user may see them. */
  async jobs(): Promise<JobListResult> {
    return await this.#resultOf<JobListResponse>({ type: 'JobList' });
  }

  /** Ends jobs, also those of other clients where this user may, and waits for their end. */
  async kill(selection: JobSelection): Promise<JobKillResult> {
    return await this.#resultOf<JobKillResponse>({ ...selection, type: 'JobKill' });
  }

  /** Lines of the daemon's log. For operators. */
  async log(which: Omit<LogReadRequest, 'type' | 'id'> = {}): Promise<LogReadResult> {
    return await this.#resultOf<LogReadResponse>({ ...which, type: 'LogRead' });
  }

  /** The processes that run jobs, as far as this user may see them. */
  async workers(): Promise<WorkerListResult> {
    return await this.#resultOf<WorkerListResponse>({ type: 'WorkerList' });
  }

  /**
   * Generations of policies that were served, the latest first. For operators.
   *
   * @param limit at most so many; default: 20
   */
  async policyHistory(limit?: number): Promise<PolicyHistoryResult> {
    const request = limit === undefined ? {} : { limit };
    return await this.#resultOf<PolicyHistoryResponse>({ ...request, type: 'PolicyHistory' });
  }

  /**
   * Has files take the place of those with the same names, in a daemon with a store; answered when they serve. For operators.
   *
   * @throws LeewardError LW_POLICY_INVALID with what is wrong with the files, LW_POLICY_STALE, LW_POLICY_SOURCE; nothing has changed then
   */
  async applyPolicies(request: Omit<PolicyApplyRequest, 'type' | 'id'>): Promise<PolicyChangeResult> {
    return await this.#resultOf<PolicyApplyResponse>({ ...request, type: 'PolicyApply' });
  }

  /** Brings back the files that the store had in a generation. @throws LeewardError LW_POLICY_HISTORY, and as `applyPolicies` */
  async rollBackPolicies(request: Omit<PolicyRollbackRequest, 'type' | 'id'>): Promise<PolicyChangeResult> {
    return await this.#resultOf<PolicyRollbackResponse>({ ...request, type: 'PolicyRollback' });
  }

  /** Has a generation serve until `unpinPolicies`, whatever changes. For operators. @throws LeewardError LW_POLICY_HISTORY */
  async pinPolicies(request: Omit<PolicyPinRequest, 'type' | 'id'>): Promise<PolicyPinResult> {
    return await this.#resultOf<PolicyPinResponse>({ ...request, type: 'PolicyPin' });
  }

  /** Has that serve which is in the folders, or in the store, now. For operators. */
  async unpinPolicies(): Promise<PolicyPinResult> {
    return await this.#resultOf<PolicyUnpinResponse>({ type: 'PolicyUnpin' });
  }

  /** Ends the connection; what is in flight is rejected with LW_JOB_CANCELLED, and the daemon kills its jobs. */
  async close(): Promise<void> {
    this.#end(new LeewardError('LW_JOB_CANCELLED', 'the client closed the connection'));
    if (this.#socket.closed) return;
    await new Promise<void>((resolve) => this.#socket.once('close', () => resolve()));
  }

  /** The answer to the Execute says what came of it; one that is lost with its connection needs no Cancel. */
  async #cancel(id: number): Promise<void> {
    await this.#ask({ type: 'Cancel', id: this.#nextId++, request: id }).catch(() => undefined);
  }

  async #resultOf<Kind extends AnswerWithResult>(
    request: Exclude<Question, ExecuteRequest | CancelRequest>,
  ): Promise<NonNullable<Kind['result']>> {
    const { result, error } = (await this.#ask({ ...request, id: this.#nextId++ })) as Kind;
    if (result === undefined) throw errorOf(error);
    return result;
  }

  #ask(request: Question & { readonly id: number }, onOutput?: OutputCallback): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) throw this.#ended;
      const frame = encodeFrame(request);
      // The daemon refuses what is above these bounds as no request at all, which would be the end of every other one here.
      checkStructure(frame.subarray(HEADER_BYTES), REQUEST_BOUNDS);
      this.#socket.write(frame);
      this.#pending.set(request.id, { type: request.type, onOutput, resolve, reject });
    });
  }

  #receive(chunk: Uint8Array): void {
    const { payloads, lost } = this.#reader.push(chunk);
    try {
      for (const payload of payloads) this.#settle(decodePayload(payload));
    } catch (error) {
      this.#end(error instanceof LeewardError ? error : connectionLost(String(error)));
      return;
    }
    if (lost !== undefined) this.#end(lost);
  }

  #settle(answer: WireMap): void {
    const id = answer['id'];
    const pending = typeof id === 'number' ? this.#pending.get(id) : undefined;
    if (pending === undefined) {
      // Every request of ours has an id: an answer without one speaks of the connection itself.
      this.#end(errorOf(answer['error'] as ErrorBody | undefined));
      return;
    }
    if (answer['type'] === 'Output') {
      const { stream, data } = answer as unknown as OutputFrame;
      pending.onOutput?.(stream, data);
      return;
    }
    this.#pending.delete(id as number);
    if (answer['type'] === pending.type) pending.resolve(answer as unknown as Answer);
    else pending.reject(errorOf(answer['error'] as ErrorBody | undefined));
  }

  #end(reason: LeewardError): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#socket.destroy();
    for (const pending of this.#pending.values()) pending.reject(reason);
    this.#pending.clear();
  }
}

/** A callback that is called no more once it has thrown; `cancel` is called then, and `rethrow` throws it. */
function guarded(callback: OutputCallback, cancel: () => void) {
  let failure: { readonly thrown: unknown } | undefined;
  return {
    callback: (stream: OutputFrame['stream'], data: Uint8Array): void => {
      if (failure !== undefined) return;
      try {
        callback(stream, data);
      } catch (thrown) {
        failure = { thrown };
        cancel();
      }
    },
    rethrow: (): void => {
      if (failure !== undefined) throw failure.thrown;
    },
  };
}

/** The error of an answer; a code of a newer daemon that this client does not know becomes LW_INTERNAL and stands in the message. */
export function errorOf(body: ErrorBody | undefined): LeewardError {
  if (body === undefined)
    return new LeewardError('LW_PROTO_BAD_FRAME', 'the daemon sent an answer without result and error');
  const known = isErrorCode(body.code);
  const code: ErrorCode = known ? (body.code as ErrorCode) : 'LW_INTERNAL';
  const message = known ? body.message : `${body.code}: ${body.message}`;
  return new LeewardError(code, message, { retryable: body.retryable, place: body.place, hint: body.hint });
}

function connectionLost(why: string): LeewardError {
  return new LeewardError('LW_JOB_LOST', `connection to the daemon lost: ${why}`);
}
