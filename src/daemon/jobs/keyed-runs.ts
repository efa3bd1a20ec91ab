import { LeewardError } from '../../errors/leeward-error.js';
import type { ExecuteRequest, ExecuteResponse, JobStatus } from '../../protocol/messages.gen.js';
import { unlessAborted } from '../pools/unless-aborted.js';
import { reasonOf } from './cancellation.js';
import { type Execution, executeResponse } from './executor.js';
import { RememberedAnswers } from './remembered-answers.js';
import { requestDigest } from './request-digest.js';

/** Whose key it is. Users of one tenant share none: what one may read another one may not. */
export interface KeyOwner {
  readonly tenant: string;
  readonly uid: number;
}

export interface KeyedAnswer {
  /** Without the id of a request. */
  readonly answer: ExecuteResponse;
  /** It was made for an earlier request. */
  readonly replayed: boolean;
}

/** After these a retry runs again: how it would have ended is not known. */
const UNDECIDED: ReadonlySet<JobStatus> = new Set(['lost', 'cancelled']);

/**
 * Runs requests that have an `idempotency_key` once: one that comes while the first is under way waits for its answer, one that comes
 * after it gets the answer that is remembered.
 */
export class KeyedRuns {
  readonly #underWay = new Map<string, SharedRun>();
  readonly #answers: RememberedAnswers;

  constructor(answers = new RememberedAnswers()) {
    this.#answers = answers;
  }

  /**
   * The answer to a request, by `run` if nobody has it.
   *
   * @param signal its client has gone. `run`'s signal aborts when the last one has gone that waits for it.
   * @param onReplay is called before the answer to an earlier request is given or waited for
   * @throws LeewardError LW_PROTO_BAD_FIELD for `stream`; LW_REQUEST_KEY_REUSED; LW_JOB_CANCELLED when the client has gone and others wait on; what `run` or `onReplay` throws
   */
  async answer(
    request: ExecuteRequest & { readonly idempotency_key: string },
    owner: KeyOwner,
    signal: AbortSignal,
    run: (signal: AbortSignal) => Promise<Execution>,
    onReplay: () => void = () => {},
  ): Promise<KeyedAnswer> {
    refuseStream(request);
    const digest = requestDigest(request);
    const key = `${owner.uid} ${request.idempotency_key}`;
    const place = `${owner.tenant} ${key}`;
    let first = this.#underWay.get(place);
    // One that is being cancelled is nobody's answer; how it ends decides whether this one runs.
    for (; first?.isAbandoned === true; first = this.#underWay.get(place)) await unlessAborted(first.ended, signal);
    if (first !== undefined) {
      onReplay();
      checkSame(request, digest, first.digest);
      return { answer: await first.join(signal), replayed: true };
    }
    const remembered = this.#answers.get(owner.tenant, key);
    if (remembered !== undefined) {
      onReplay();
      checkSame(request, digest, remembered.digest);
      return { answer: remembered.answer, replayed: true };
    }
    const shared = new SharedRun(digest, async (any) => {
      const execution = await run(any);
      const answer = executeResponse(null, execution);
      if (isDecided(execution)) this.#answers.set(owner.tenant, key, digest, answer);
      return answer;
    });
    this.#underWay.set(place, shared);
    void shared.ended.then(() => this.#underWay.delete(place));
    return { answer: await shared.join(signal), replayed: false };
  }
}

/** One run, and all who wait for its answer. */
class SharedRun {
  readonly digest: string;
  /** Resolves when the answer is there, or when there is none. */
  readonly ended: Promise<void>;
  readonly #answer: Promise<ExecuteResponse>;
  readonly #abandoned = new AbortController();
  #waiting = 0;

  constructor(digest: string, run: (signal: AbortSignal) => Promise<ExecuteResponse>) {
    this.digest = digest;
    this.#answer = run(this.#abandoned.signal);
    this.ended = this.#answer.then(
      () => {},
      () => {},
    );
  }

  /** True when all have gone who waited. */
  get isAbandoned(): boolean {
    return this.#abandoned.signal.aborted;
  }

  join(signal: AbortSignal): Promise<ExecuteResponse> {
    this.#waiting++;
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting--;
        // The last one gets the answer of the cancelled job, which may have ended by itself after all.
        if (this.#waiting === 0) this.#abandoned.abort(signal.reason);
        else reject(reasonOf(signal));
      };
      if (signal.aborted) leave();
      else signal.addEventListener('abort', leave, { once: true });
      this.#answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
    });
  }
}

function isDecided({ status, result }: Execution): boolean {
  return result !== undefined && !UNDECIDED.has(status);
}

/** What is remembered has the whole output: none of it can have been sent before the answer. */
function refuseStream({ stream }: ExecuteRequest): void {
  if (stream !== true) return;
  const message = 'stream is true, but a request with an idempotency_key is answered with its whole output';
  throw new LeewardError('LW_PROTO_BAD_FIELD', message, { place: { field: 'stream' } });
}

function checkSame({ idempotency_key }: ExecuteRequest, asked: string, first: string): void {
  if (asked === first) return;
  const message = `idempotency_key ${idempotency_key} was used for another request`;
  throw new LeewardError('LW_REQUEST_KEY_REUSED', message, { place: { field: 'idempotency_key' } });
}
