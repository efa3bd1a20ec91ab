/** From a graph of decisions to a straight program. */
import { BPF } from '../../plan/bpf/opcodes.js';
import type { BpfInstruction } from '../../plan/plan.js';
import type { FilterNode } from './filter-graph.js';

/** A conditional jump has eight bits for its distance. */
const FARTHEST = 255;

export interface AssembledFilter {
  readonly filter: readonly BpfInstruction[];
  /** What each instruction is made of, by index; undefined for a jump that only bridges a distance. */
  readonly nodes: readonly (FilterNode | undefined)[];
}

/**
 * Lays a graph out as a program. It is written from its end to its beginning, so that every target is placed before the
 * jumps to it; a target too far away is reached through an unconditional jump. A return is written where the first jump needs
 * it, and again where that copy is too far away: one that was written before could be too far from all who need it.
 */
export function assemble(root: FilterNode): AssembledFilter {
  const assembler = new Assembler();
  assembler.place(root);
  return assembler.finish();
}

class Assembler {
  // Backwards: the instruction at position p is followed by the one at p - 1.
  readonly #code: BpfInstruction[] = [];
  readonly #nodes: (FilterNode | undefined)[] = [];
  readonly #positions = new Map<number, number>();

  /** Places a node and all that it leads to but returns. Without recursion: a chain of comparisons can be thousands long. */
  place(root: FilterNode): void {
    const open: FilterNode[] = [root];
    for (let node = open.at(-1); node !== undefined; node = open.at(-1)) {
      const missing = this.#positions.has(node.id) ? undefined : this.#missing(node);
      if (missing !== undefined) {
        open.push(missing);
        continue;
      }
      open.pop();
      if (!this.#positions.has(node.id)) this.#emitNode(node);
    }
  }

  /** What has to be placed before a node; where a jump goes that is not taken comes first. */
  #missing(node: FilterNode): FilterNode | undefined {
    if (node.kind === 'return') return undefined;
    if (node.kind !== 'jump') return this.#isMissing(node.next) ? node.next : undefined;
    if (this.#isMissing(node.ifFalse)) return node.ifFalse;
    return this.#isMissing(node.ifTrue) ? node.ifTrue : undefined;
  }

  #isMissing({ kind, id }: FilterNode): boolean {
    return kind !== 'return' && !this.#positions.has(id);
  }

  finish(): AssembledFilter {
    return { filter: this.#code.toReversed(), nodes: this.#nodes.toReversed() };
  }

  #emitNode(node: FilterNode): void {
    switch (node.kind) {
      case 'return':
        this.#emit(node, { code: BPF.RET_K, jt: 0, jf: 0, k: node.value });
        break;
      case 'load':
        this.#follow(node.next);
        this.#emit(node, { code: BPF.LD_W_ABS, jt: 0, jf: 0, k: node.offset });
        break;
      case 'and':
        this.#follow(node.next);
        this.#emit(node, { code: BPF.AND_K, jt: 0, jf: 0, k: node.mask });
        break;
      case 'jump':
        this.#emitJump(node);
    }
  }

  #emit(node: FilterNode, instruction: BpfInstruction): void {
    this.#positions.set(node.id, this.#code.length);
    this.#push(instruction, node);
  }

  #push(instruction: BpfInstruction, node?: FilterNode): void {
    this.#code.push(instruction);
    this.#nodes.push(node);
  }

  /** Makes the node the next instruction, by a jump unless it stands there already. */
  #follow(node: FilterNode): void {
    if (node.kind === 'return' && this.#isBeyond(node, 0)) this.#bridge(node);
    const distance = this.#distance(node);
    if (distance > 0) this.#push({ code: BPF.JA, jt: 0, jf: 0, k: distance });
  }

  #emitJump(node: FilterNode & { kind: 'jump' }): void {
    // The bridge for the one target moves the other one farther away by one.
    const farFalse = this.#isBeyond(node.ifFalse, FARTHEST - 1) ? this.#bridge(node.ifFalse) : undefined;
    const farTrue = this.#isBeyond(node.ifTrue, FARTHEST) ? this.#bridge(node.ifTrue) : undefined;
    const jf = farFalse === undefined ? this.#distance(node.ifFalse) : this.#code.length - 1 - farFalse;
    const jt = farTrue === undefined ? this.#distance(node.ifTrue) : this.#code.length - 1 - farTrue;
    this.#emit(node, { code: node.code, jt, jf, k: node.k });
  }

  /** A way to a distant node right here; answers its position. */
  #bridge(node: FilterNode): number {
    if (node.kind === 'return') this.#emitNode(node);
    else this.#push({ code: BPF.JA, jt: 0, jf: 0, k: this.#distance(node) });
    return this.#code.length - 1;
  }

  /** True for what is farther away than `limit`, and for a return that is not written yet. */
  #isBeyond(node: FilterNode, limit: number): boolean {
    return !this.#positions.has(node.id) || this.#distance(node) > limit;
  }

  /** How many instructions lie between the next instruction to be written and a placed node. */
  #distance(node: FilterNode): number {
    const position = this.#positions.get(node.id);
    if (position === undefined) throw new Error(`node ${node.id} is not placed yet`);
    return this.#code.length - 1 - position;
  }
}
