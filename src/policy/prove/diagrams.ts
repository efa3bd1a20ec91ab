/**
 * Functions of many bits as reduced ordered decision diagrams with any number at their ends (Bryant, "Graph-Based
 * Algorithms for Boolean Function Manipulation", 1986; with more than two ends: Fujita, McGeer and Yang, "Multi-Terminal
 * Binary Decision Diagrams", 1997). The order of the bits is fixed and equal parts exist once, so that two functions are
 * equal exactly when they are the same node.
 */
import { LeewardError } from '../../errors/leeward-error.js';

/** A function. What it says is held by the `Diagrams` that made it. */
export type Diagram = number;

/** A bit, by its position in the order. */
export type Bit = number;

/** Position of an end: behind all bits. */
const END = 0x7fff_ffff;
/** Far more than policies need whose calls have `checkCases` cases. The memory of a host is not the limit that is wanted. */
const MOST_NODES = 1 << 22;
/** Results that are kept, a power of two. What falls out is computed again. */
const CACHE = 1 << 16;
const CACHE_FIELDS = 4;

/** A function would need more nodes than are allowed. What was made before is as it was. */
export class TooManyNodes extends LeewardError {
  constructor() {
    super('LW_POLICY_INVALID', 'the conditions on system calls have more cases together than can be compared', {
      hint: 'use fewer conditions for one call',
    });
  }
}

export class Diagrams {
  /** The functions that are 0 and 1 everywhere: false and true of a condition. */
  readonly never: Diagram;
  readonly always: Diagram;
  // A node tests a bit and goes on with one of two others; an end has its value's index instead of them.
  #bits = new Int32Array(1 << 12);
  #zeros = new Int32Array(1 << 12);
  #ones = new Int32Array(1 << 12);
  #size = 0;
  /** Open addressing: node + 1, or 0 for an empty place. */
  #table = new Int32Array(1 << 14);
  readonly #values: number[] = [];
  readonly #ends = new Map<number, Diagram>();
  readonly #named = new Map<string | number, Diagram>();
  /** Operations and their results, each at one place only. */
  readonly #results = new Int32Array(CACHE * CACHE_FIELDS).fill(-1);
  readonly #most: number;

  /** @param most how many nodes there may be @throws TooManyNodes, here and in all that makes diagrams */
  constructor(most = MOST_NODES) {
    this.#most = most;
    this.never = this.constant(0);
    this.always = this.constant(1);
  }

  /** How many nodes there are, ends included, and how many names. */
  get size(): number {
    return this.#size + this.#named.size;
  }

  /** The function that has this value everywhere. */
  constant(value: number): Diagram {
    let end = this.#ends.get(value);
    if (end === undefined) {
      const index = this.#values.push(value) - 1;
      end = this.#append(END, index, index);
      this.#ends.set(value, end);
    }
    return end;
  }

  /** The value of a function that has one everywhere, else undefined. */
  valueOf(diagram: Diagram): number | undefined {
    return this.bitOf(diagram) === END ? this.#values[this.#zeros[diagram] as number] : undefined;
  }

  /** The first bit that the function depends on; behind all bits when it depends on none. */
  bitOf(diagram: Diagram): Bit {
    return this.#bits[diagram] as number;
  }

  /** `ifOne` where the bit is set, else `ifZero`; neither may depend on this bit or one before it. */
  test(bit: Bit, ifZero: Diagram, ifOne: Diagram): Diagram {
    if (ifZero === ifOne) return ifZero;
    let place = hash(bit, ifZero, ifOne) & (this.#table.length - 1);
    for (let entry = this.#table[place] as number; entry !== 0; entry = this.#table[place] as number) {
      const node = entry - 1;
      if (this.#bits[node] === bit && this.#zeros[node] === ifZero && this.#ones[node] === ifOne) return node;
      place = (place + 1) & (this.#table.length - 1);
    }
    const made = this.#append(bit, ifZero, ifOne);
    this.#table[place] = made + 1;
    if (this.#size * 2 > this.#table.length) this.#rehash();
    return made;
  }

  /** What the function is once the bit is known. The bit may not lie behind the function's first one. */
  given(diagram: Diagram, bit: Bit, isSet: boolean): Diagram {
    if (this.bitOf(diagram) !== bit) return diagram;
    return (isSet ? this.#ones[diagram] : this.#zeros[diagram]) as number;
  }

  /** `then` where the condition is not 0, else `otherwise`. */
  choose(condition: Diagram, then: Diagram, otherwise: Diagram): Diagram {
    if (condition === this.always) return then;
    if (condition === this.never) return otherwise;
    if (then === otherwise) return then;
    if (then === this.always && otherwise === this.never) return condition;
    const slot = slotOf(condition, then, otherwise);
    const known = this.#recall(slot, condition, then, otherwise);
    if (known !== undefined) return known;
    const bit = Math.min(this.bitOf(condition), this.bitOf(then), this.bitOf(otherwise));
    const ifZero = this.#chosen(bit, false, condition, then, otherwise);
    const ifOne = this.#chosen(bit, true, condition, then, otherwise);
    return this.#remember(slot, condition, then, otherwise, this.test(bit, ifZero, ifOne));
  }

  #chosen(bit: Bit, isSet: boolean, condition: Diagram, then: Diagram, otherwise: Diagram): Diagram {
    return this.choose(
      this.given(condition, bit, isSet),
      this.given(then, bit, isSet),
      this.given(otherwise, bit, isSet),
    );
  }

  and(a: Diagram, b: Diagram): Diagram {
    return this.choose(a, b, this.never);
  }

  or(a: Diagram, b: Diagram): Diagram {
    return this.choose(a, this.always, b);
  }

  /** The function that has the other's value wherever it has this one. */
  replace(diagram: Diagram, value: number, other: Diagram): Diagram {
    return this.#replaced(diagram, this.constant(value), other);
  }

  /** The function that was made for this key first. */
  once(key: string | number, make: () => Diagram): Diagram {
    let diagram = this.#named.get(key);
    if (diagram === undefined) {
      diagram = make();
      this.#named.set(key, diagram);
    }
    return diagram;
  }

  /** How many nodes the functions are made of, ends included. */
  countOf(...diagrams: readonly Diagram[]): number {
    const seen = new Uint8Array(this.#size);
    const open = [...diagrams];
    let count = 0;
    for (let diagram = open.pop(); diagram !== undefined; diagram = open.pop()) {
      if (seen[diagram] === 1) continue;
      seen[diagram] = 1;
      count += 1;
      if (this.bitOf(diagram) !== END) open.push(this.#zeros[diagram] as number, this.#ones[diagram] as number);
    }
    return count;
  }

  #replaced(diagram: Diagram, end: Diagram, other: Diagram): Diagram {
    if (diagram === end) return other;
    if (this.bitOf(diagram) === END) return diagram;
    // Below zero, so that no condition of `choose` is meant.
    const operation = ~end;
    const slot = slotOf(operation, diagram, other);
    const known = this.#recall(slot, operation, diagram, other);
    if (known !== undefined) return known;
    const bit = Math.min(this.bitOf(diagram), this.bitOf(other));
    const side = (isSet: boolean) =>
      this.#replaced(this.given(diagram, bit, isSet), end, this.given(other, bit, isSet));
    return this.#remember(slot, operation, diagram, other, this.test(bit, side(false), side(true)));
  }

  #recall(slot: number, a: number, b: Diagram, c: Diagram): Diagram | undefined {
    const cache = this.#results;
    const isKnown = cache[slot] === a && cache[slot + 1] === b && cache[slot + 2] === c;
    return isKnown ? cache[slot + 3] : undefined;
  }

  #remember(slot: number, a: number, b: Diagram, c: Diagram, result: Diagram): Diagram {
    const cache = this.#results;
    cache[slot] = a;
    cache[slot + 1] = b;
    cache[slot + 2] = c;
    cache[slot + 3] = result;
    return result;
  }

  #append(bit: Bit, zero: Diagram, one: Diagram): Diagram {
    if (this.#size >= this.#most) throw new TooManyNodes();
    if (this.#size === this.#bits.length) this.#grow();
    const node = this.#size++;
    this.#bits[node] = bit;
    this.#zeros[node] = zero;
    this.#ones[node] = one;
    return node;
  }

  #grow(): void {
    const larger = (old: Int32Array) => {
      const array = new Int32Array(old.length * 2);
      array.set(old);
      return array;
    };
    this.#bits = larger(this.#bits);
    this.#zeros = larger(this.#zeros);
    this.#ones = larger(this.#ones);
  }

  #rehash(): void {
    const table = new Int32Array(this.#table.length * 2);
    for (let node = 0; node < this.#size; node++) {
      if (this.#bits[node] === END) continue;
      let place = hash(this.#bits[node] as number, this.#zeros[node] as number, this.#ones[node] as number);
      place &= table.length - 1;
      while (table[place] !== 0) place = (place + 1) & (table.length - 1);
      table[place] = node + 1;
    }
    this.#table = table;
  }
}

function slotOf(a: number, b: Diagram, c: Diagram): number {
  return (hash(a, b, c) & (CACHE - 1)) * CACHE_FIELDS;
}

/** Mixes three 32-bit numbers (the finalizer of MurmurHash3). */
function hash(a: number, b: number, c: number): number {
  let mixed = Math.imul(a, 0x9e37_79b1) ^ Math.imul(b, 0x85eb_ca6b) ^ Math.imul(c, 0xc2b2_ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
