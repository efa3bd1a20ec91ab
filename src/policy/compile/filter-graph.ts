/**
 * A filter as a graph of decisions, built from its ends to its beginning. Equal parts exist once, however many calls
 * lead to them. A jump compares the word that the load before it left in the accumulator.
 */
import { BPF } from '../../plan/bpf/opcodes.js';
import type { Origin } from '../types.js';

export interface Note {
  readonly text: string;
  readonly origin: Origin | null;
}

export type FilterNode = { readonly id: number; readonly notes: Note[] } & (
  | { readonly kind: 'return'; readonly value: number }
  | { readonly kind: 'load'; readonly offset: number; readonly next: FilterNode }
  | { readonly kind: 'and'; readonly mask: number; readonly next: FilterNode }
  | {
      readonly kind: 'jump';
      readonly code: number;
      readonly k: number;
      readonly ifTrue: FilterNode;
      readonly ifFalse: FilterNode;
    }
);

/** Makes nodes; what is equal is made once and collects the notes of all who asked for it. */
export class FilterGraph {
  readonly #nodes = new Map<string, FilterNode>();

  returns(value: number, note?: Note): FilterNode {
    return this.#once(`ret ${value}`, (id, notes) => ({ id, notes, kind: 'return', value }), note);
  }

  load(offset: number, next: FilterNode, note?: Note): FilterNode {
    return this.#once(`ld ${offset} ${next.id}`, (id, notes) => ({ id, notes, kind: 'load', offset, next }), note);
  }

  and(mask: number, next: FilterNode, note?: Note): FilterNode {
    return this.#once(`and ${mask} ${next.id}`, (id, notes) => ({ id, notes, kind: 'and', mask, next }), note);
  }

  equal(k: number, ifTrue: FilterNode, ifFalse: FilterNode, note?: Note): FilterNode {
    return this.#jump(BPF.JEQ_K, k, ifTrue, ifFalse, note);
  }

  above(k: number, ifTrue: FilterNode, ifFalse: FilterNode, note?: Note): FilterNode {
    return this.#jump(BPF.JGT_K, k, ifTrue, ifFalse, note);
  }

  atLeast(k: number, ifTrue: FilterNode, ifFalse: FilterNode, note?: Note): FilterNode {
    return this.#jump(BPF.JGE_K, k, ifTrue, ifFalse, note);
  }

  anyBit(mask: number, ifTrue: FilterNode, ifFalse: FilterNode, note?: Note): FilterNode {
    return this.#jump(BPF.JSET_K, mask, ifTrue, ifFalse, note);
  }

  #jump(code: number, k: number, ifTrue: FilterNode, ifFalse: FilterNode, note?: Note): FilterNode {
    // Both ways lead to the same place: there is nothing to decide.
    if (ifTrue === ifFalse) return ifTrue;
    const key = `jump ${code} ${k} ${ifTrue.id} ${ifFalse.id}`;
    return this.#once(key, (id, notes) => ({ id, notes, kind: 'jump', code, k, ifTrue, ifFalse }), note);
  }

  #once(key: string, make: (id: number, notes: Note[]) => FilterNode, note?: Note): FilterNode {
    let node = this.#nodes.get(key);
    if (node === undefined) {
      node = make(this.#nodes.size, []);
      this.#nodes.set(key, node);
    }
    if (note !== undefined && !node.notes.some((other) => sameNote(other, note))) node.notes.push(note);
    return node;
  }
}

function sameNote(a: Note, b: Note): boolean {
  return (
    a.text === b.text &&
    a.origin?.file === b.origin?.file &&
    a.origin?.range.start.offset === b.origin?.range.start.offset
  );
}
