/**
 * A filter as a graph of decisions, built from its ends to its beginning. Equal parts exist once, however many calls
 * lead to them. A jump compares the word that the load before it left in the accumulator.
 */
import { BPF } from '../../plan/bpf/opcodes.js';
import type { InstructionNote } from '../types.js';

/** Makes the note of a decision, for graphs that have notes. */
export type Note = () => InstructionNote;

export type FilterNode = { readonly id: number } & (
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

interface Part {
  readonly otherwise: FilterNode;
  readonly node: FilterNode;
}

/** Makes nodes; what is equal is made once, for all filters of the graph. */
export class FilterGraph {
  readonly #nodes = new Map<string, FilterNode>();
  readonly #parts = new WeakMap<object, Part>();
  readonly #named = new Map<string, FilterNode>();
  readonly #notes: Map<FilterNode, Map<string, InstructionNote>> | undefined;

  /** @param options annotated: each node collects the notes of all who asked for it, so that the graph is for one filter only */
  constructor({ annotated = false } = {}) {
    this.#notes = annotated ? new Map() : undefined;
  }

  get size(): number {
    return this.#nodes.size + this.#named.size;
  }

  notesOf(node: FilterNode): readonly InstructionNote[] {
    return [...(this.#notes?.get(node)?.values() ?? [])];
  }

  returns(value: number, note?: Note): FilterNode {
    return this.#once(`ret ${value}`, (id) => ({ id, kind: 'return', value }), note);
  }

  load(offset: number, next: FilterNode, note?: Note): FilterNode {
    return this.#once(`ld ${offset} ${next.id}`, (id) => ({ id, kind: 'load', offset, next }), note);
  }

  and(mask: number, next: FilterNode, note?: Note): FilterNode {
    return this.#once(`and ${mask} ${next.id}`, (id) => ({ id, kind: 'and', mask, next }), note);
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

  /** The part of a filter that `make` builds from `source` and `otherwise` alone; built once, for all filters that have it. */
  part(source: object, otherwise: FilterNode, make: () => FilterNode): FilterNode {
    const known = this.#parts.get(source);
    if (known?.otherwise === otherwise) return known.node;
    const node = make();
    this.#parts.set(source, { otherwise, node });
    return node;
  }

  /** As `part`, for one that is all in its name. */
  named(name: string, make: () => FilterNode): FilterNode {
    let node = this.#named.get(name);
    if (node === undefined) {
      node = make();
      this.#named.set(name, node);
    }
    return node;
  }

  #jump(code: number, k: number, ifTrue: FilterNode, ifFalse: FilterNode, note?: Note): FilterNode {
    // Both ways lead to the same place: there is nothing to decide.
    if (ifTrue === ifFalse) return ifTrue;
    const key = `jump ${code} ${k} ${ifTrue.id} ${ifFalse.id}`;
    return this.#once(key, (id) => ({ id, kind: 'jump', code, k, ifTrue, ifFalse }), note);
  }

  #once(key: string, make: (id: number) => FilterNode, note?: Note): FilterNode {
    let node = this.#nodes.get(key);
    if (node === undefined) {
      node = Object.freeze(make(this.#nodes.size));
      this.#nodes.set(key, node);
    }
    if (note !== undefined && this.#notes !== undefined) this.#annotate(this.#notes, node, note());
    return node;
  }

  #annotate(all: Map<FilterNode, Map<string, InstructionNote>>, node: FilterNode, note: InstructionNote): void {
    const notes = all.get(node) ?? new Map<string, InstructionNote>();
    const { text, origin } = note;
    const key = `${origin?.range.start.offset} ${origin?.file} ${text}`;
    if (!notes.has(key)) notes.set(key, note);
    all.set(node, notes);
  }
}
