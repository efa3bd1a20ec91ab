import { setImmediate } from 'node:timers/promises';
import type { LeewardError } from '../../../errors/leeward-error.js';
import type { RecordFiles, RecordLook } from './record-files.js';
import type { TextStore } from './text-store.js';

export interface PruneOptions {
  /** How many are kept. */
  readonly most: number;
  /** Number of one that is kept, too. */
  readonly pinned: number | undefined;
  /** Aborted: nothing more is removed. */
  readonly signal: AbortSignal;
}

/**
 * Removes old generations, and the texts that nobody names any more. One that is damaged goes when it is old, unless it may be what the
 * store has: no other may be taken for it. One that cannot be read stays, with all texts, as it may be whole: that may pass.
 *
 * @returns why some of it had to be left
 * @throws LeewardError, or what the file system says
 */
export async function prune(
  records: RecordFiles,
  texts: TextStore,
  { most, pinned, signal }: PruneOptions,
): Promise<readonly LeewardError[]> {
  const numbers = records.numbers();
  if (numbers.length <= most) return [];
  const looks = await looksAt(records, numbers);
  const left = [...looks.values()].flatMap(({ unreadable }) => unreadable ?? []);
  for (const number of oldOf(looks, most, pinned)) {
    signal.throwIfAborted();
    const problem = await records.remove(number);
    if (problem === undefined) looks.delete(number);
    else left.push(problem);
  }
  const young = new Set(numbers.slice(0, most));
  // What a damaged one names is not known: until it is old and gone, all texts stay.
  const isUnknown = ([number, { use, unreadable }]: readonly [number, RecordLook]) =>
    unreadable !== undefined || (use === undefined && young.has(number));
  if ([...looks].some(isUnknown)) return left;
  const used = new Set([...looks.values()].flatMap(({ use }) => use?.texts ?? []));
  return [...left, ...(await texts.sweep(used, signal))];
}

/** By number, the latest first. The first look at a record takes milliseconds: requests are served between two. */
async function looksAt(records: RecordFiles, numbers: readonly number[]): Promise<Map<number, RecordLook>> {
  const looks = new Map<number, RecordLook>();
  for (const number of numbers) {
    await setImmediate();
    looks.set(number, records.look(number));
  }
  return looks;
}

/** Those that are not kept. */
function oldOf(looks: ReadonlyMap<number, RecordLook>, most: number, pinned: number | undefined): readonly number[] {
  // The latest one that says what is in the store, of those that are known.
  const store = [...looks].find(([, { use }]) => use?.hasStore)?.[0];
  const old = [...looks].slice(most).filter(([number, { use, unreadable }]) => {
    if (unreadable !== undefined || number === pinned || number === store) return false;
    return use !== undefined || store === undefined || number < store;
  });
  return old.map(([number]) => number);
}
