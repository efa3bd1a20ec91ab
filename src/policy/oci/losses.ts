/** What an OCI profile says and an imported policy does not. */
import type { Origin } from '../types.js';

export type LossKind =
  /** An answer that the policy language has no word for. */
  | 'action'
  /** Another answer, for no other reason. */
  | 'answer'
  /** For other architectures, or not the same on the two that a policy is for. */
  | 'architecture'
  /** A condition that a filter of ours cannot have. */
  | 'argument'
  /** What `builtin:base` answers for every sandbox. */
  | 'base'
  /** For processes with a capability, which no job has. */
  | 'capability'
  /** What a runtime's configuration says beside its profile. */
  | 'config'
  /** Entries that answer the same call differently. */
  | 'contradiction'
  /** Bits of an argument that the kernel does not look at. */
  | 'high-half'
  /** `ioctl` without a list of requests. */
  | 'ioctl'
  /** For some kernels only. */
  | 'kernel'
  /** What `policy lint` says against the policy. */
  | 'lint'
  /** How the filter is installed and who hears of it. */
  | 'listener'
  /** Numbers that are no system call. */
  | 'number'
  /** More entries than a policy has room for. */
  | 'size'
  /** No system call of this name. */
  | 'unknown-call';

export interface ImportLoss {
  readonly kind: LossKind;
  /** Where the profile says it. */
  readonly origin: Origin;
  readonly message: string;
  /** The calls that it is about; none when it is about all. */
  readonly calls: readonly string[];
  /** One of the calls, with arguments for which profile and policy differ. */
  readonly example?: string;
}

/** Collects losses, the same one once. */
export class Losses {
  readonly #list = new Map<string, ImportLoss>();

  add(loss: ImportLoss): void {
    const { kind, origin, message } = loss;
    const key = `${kind} ${origin.range.start.offset} ${message}`;
    if (!this.#list.has(key)) this.#list.set(key, loss);
  }

  /** True when the call is named already. */
  names(call: string): boolean {
    return [...this.#list.values()].some(({ calls }) => calls.includes(call));
  }

  /** In the order of the profile. */
  sorted(): ImportLoss[] {
    return [...this.#list.values()].sort((a, b) => a.origin.range.start.offset - b.origin.range.start.offset);
  }
}

/** More names make no sentence. */
const MOST_NAMES = 12;

/** `a`, `b` and `c`. */
export function namesText(names: readonly string[]): string {
  const quoted = names.slice(0, MOST_NAMES).map((name) => `\`${name}\``);
  if (names.length > MOST_NAMES) quoted.push(`${names.length - MOST_NAMES} more`);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1)}`;
}
