/** Lists of system calls with their groups written out. Most policies have those of the same few files. */
import type { AllowEntry as WrittenEntry } from '../document/document.gen.js';
import type { AllowEntry } from '../types.js';
import { frozen } from './once-per-file.js';

/** A list as a file has it. */
export type List = readonly WrittenEntry[];

export interface WrittenList {
  readonly entries: readonly AllowEntry[];
  /** How many entries were looked at on the way. */
  readonly looked: number;
  /** The groups that were looked up, and the list of each; undefined for one that no file defines. */
  readonly groups: ReadonlyMap<string, List | undefined>;
}

/** By the list, of which the file's document is the holder. */
const known = new WeakMap<List, WrittenList>();

/** What a list was written out to, when all groups that were looked up are still the same. */
export function knownList(list: List, groupOf: (name: string) => List | undefined): WrittenList | undefined {
  const written = known.get(list);
  if (written === undefined) return undefined;
  for (const [name, group] of written.groups) if (groupOf(name) !== group) return undefined;
  return written;
}

/** Keeps a list in which nothing was found wrong. */
export function keepList(list: List, written: WrittenList): readonly AllowEntry[] {
  const entries = frozen(written.entries);
  known.set(list, { ...written, entries });
  return entries;
}
