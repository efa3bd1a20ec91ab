import { setImmediate } from 'node:timers/promises';
import type { RecordFiles } from './record-files.js';
import type { TextStore } from './text-store.js';

/**
 * Removes old generations, and the texts that nobody names any more. One that is damaged goes when it is old, unless it may be what the
 * store has: no other may be taken for it.
 *
 * @param most how many are kept
 * @param pinned is kept, too
 * @throws LeewardError, or what the file system says
 */
export async function prune(
  records: RecordFiles,
  texts: TextStore,
  most: number,
  pinned: number | undefined,
): Promise<void> {
  const numbers = records.numbers();
  if (numbers.length <= most) return;
  const store = await latestOfStore(records, numbers);
  const kept = numbers.filter((number, index) => {
    if (index < most || number === pinned || number === store) return true;
    return store !== undefined && number > store && records.use(number) === undefined;
  });
  for (const number of numbers) if (!kept.includes(number)) await records.remove(number);
  const used = new Set<string>();
  for (const number of kept) {
    const use = await usePaused(records, number);
    // What a damaged one names is not known: until it is old and gone, all texts stay.
    if (use === undefined && numbers.indexOf(number) < most) return;
    for (const digest of use?.texts ?? []) used.add(digest);
  }
  await texts.sweep(used);
}

/** The latest one that says what is in the store, of those that are not damaged. */
async function latestOfStore(records: RecordFiles, numbers: readonly number[]): Promise<number | undefined> {
  for (const number of numbers) if ((await usePaused(records, number))?.hasStore) return number;
  return undefined;
}

/** The first time a record is read, which takes milliseconds: requests are served between two. */
async function usePaused(records: RecordFiles, number: number): Promise<ReturnType<RecordFiles['use']>> {
  await setImmediate();
  return records.use(number);
}
