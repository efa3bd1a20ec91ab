import { deserialize, serialize } from 'node:v8';
import type { ExecuteResponse } from '../../protocol/messages.gen.js';

/** How long, and how much, is remembered. */
export interface AnswerBounds {
  readonly ageMs: number;
  /** Over all tenants; as are `keys`. */
  readonly bytes: number;
  readonly keys: number;
}

export const ANSWER_BOUNDS: AnswerBounds = { ageMs: 600_000, bytes: 64 << 20, keys: 10_000 };

interface Remembered {
  readonly digest: string;
  /** Serialized: so its size is known, and nobody changes it. */
  readonly answer: Uint8Array;
  readonly forget: NodeJS.Timeout;
}

/** What is remembered for one tenant, the oldest first. */
interface Share {
  readonly answers: Map<string, Remembered>;
  bytes: number;
}

/**
 * Answers by tenant and key. Where there is no more room, the tenant that has the most loses its oldest: nobody's answers go because
 * of another one who has more.
 */
export class RememberedAnswers {
  readonly #bounds: AnswerBounds;
  readonly #shares = new Map<string, Share>();
  #bytes = 0;
  #keys = 0;

  constructor(bounds: AnswerBounds = ANSWER_BOUNDS) {
    this.#bounds = bounds;
  }

  /** Undefined when there is none, or none any more. */
  get(tenant: string, key: string): { readonly digest: string; readonly answer: ExecuteResponse } | undefined {
    const remembered = this.#shares.get(tenant)?.answers.get(key);
    if (remembered === undefined) return undefined;
    // What is read has views of the bytes that it is given.
    const answer = deserialize(Uint8Array.from(remembered.answer)) as ExecuteResponse;
    return { digest: remembered.digest, answer };
  }

  /** @param digest of the request that was answered */
  set(tenant: string, key: string, digest: string, answer: ExecuteResponse): void {
    this.#forget(tenant, key);
    const forget = setTimeout(() => this.#forget(tenant, key), this.#bounds.ageMs).unref();
    // A copy of the very size: the serializer's buffer is larger.
    this.#add(tenant, key, { digest, answer: Uint8Array.from(serialize(answer)), forget });
    while (this.#bytes > this.#bounds.bytes) this.#forgetOldest(({ bytes }) => bytes);
    while (this.#keys > this.#bounds.keys) this.#forgetOldest(({ answers }) => answers.size);
  }

  #add(tenant: string, key: string, remembered: Remembered): void {
    const share = this.#shares.get(tenant) ?? { answers: new Map(), bytes: 0 };
    this.#shares.set(tenant, share);
    share.answers.set(key, remembered);
    share.bytes += remembered.answer.length;
    this.#bytes += remembered.answer.length;
    this.#keys++;
  }

  #forget(tenant: string, key: string): void {
    const share = this.#shares.get(tenant);
    const remembered = share?.answers.get(key);
    if (share === undefined || remembered === undefined) return;
    clearTimeout(remembered.forget);
    share.answers.delete(key);
    share.bytes -= remembered.answer.length;
    this.#bytes -= remembered.answer.length;
    this.#keys--;
    if (share.answers.size === 0) this.#shares.delete(tenant);
  }

  #forgetOldest(amountOf: (share: Share) => number): void {
    let [most] = this.#shares;
    for (const entry of this.#shares) if (most !== undefined && amountOf(entry[1]) > amountOf(most[1])) most = entry;
    const [tenant, share] = most ?? [];
    const [oldest] = share?.answers.keys() ?? [];
    if (tenant !== undefined && oldest !== undefined) this.#forget(tenant, oldest);
  }
}
