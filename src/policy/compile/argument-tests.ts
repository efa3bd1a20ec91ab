/** Tests on arguments as decisions on 32-bit words. */
import { SECCOMP_DATA } from '../../plan/bpf/opcodes.js';
import type { Origin } from '../types.js';
import type { FilterGraph, FilterNode, Note } from './filter-graph.js';
import type { ArgumentTest, ValueTest } from './lowered.js';

const LOW = 0xffff_ffffn;
const ALL_ONES = 0xffff_ffff;
const SIGN = 0x8000_0000;

type Values = ReadonlyMap<bigint, string>;

/** Where a test leads. */
interface Ways {
  readonly pass: FilterNode;
  readonly fail: FilterNode;
}

/** A test, beginning with the load of what it looks at. */
export function testArgument(graph: FilterGraph, argument: ArgumentTest, ways: Ways): FilterNode {
  const builder = new TestBuilder(graph, argument);
  return argument.width === 64 ? builder.wide(argument.test, ways) : builder.narrow(argument, ways);
}

class TestBuilder {
  readonly #graph: FilterGraph;
  readonly #low: number;
  readonly #high: number;
  readonly #name: string;
  readonly #note: Note;
  readonly #origin: Origin;

  constructor(graph: FilterGraph, { index, name, text, origin }: ArgumentTest) {
    this.#graph = graph;
    this.#low = SECCOMP_DATA.argLow(index);
    this.#high = SECCOMP_DATA.argHigh(index);
    this.#name = name;
    this.#note = () => ({ text, origin });
    this.#origin = origin;
  }

  /** A 32-bit argument: the low half decides; the high half must be clean, or is ignored. */
  narrow({ test, high, signed }: ArgumentTest, { pass, fail }: Ways): FilterNode {
    if (high === 'ignored') return this.#lowWord(test, { pass, fail });
    const zero = this.#zeroHigh({ pass, fail });
    if (!signed) return this.#lowWord(test, { pass: zero, fail });
    if (test.kind === 'oneOf') return this.#signedOneOf(test.values, zero, { pass, fail });
    return this.#lowWord(test, { pass: this.#signedHigh({ pass, fail }), fail });
  }

  /** A 64-bit argument: both halves. */
  wide(test: ValueTest, ways: Ways): FilterNode {
    switch (test.kind) {
      case 'oneOf':
        return this.#wideOneOf(test.values, ways);
      case 'noneOf':
        return this.#wideOneOf(test.values, { pass: ways.fail, fail: ways.pass });
      case 'masked':
        return this.#wideMasked(test.mask, test.equals, ways);
      case 'range':
        return this.#atLeast(test.min, { pass: this.#atMost(test.max, ways), fail: ways.fail });
    }
  }

  #lowWord(test: ValueTest, ways: Ways): FilterNode {
    switch (test.kind) {
      case 'oneOf':
        return this.#graph.load(this.#low, this.#anyOf(test.values, ways));
      case 'noneOf':
        return this.#graph.load(this.#low, this.#anyOf(test.values, { pass: ways.fail, fail: ways.pass }));
      case 'masked':
        return this.#maskedWord(this.#low, test.mask, test.equals, ways);
      case 'range':
        return this.#graph.load(this.#low, this.#within(Number(test.min), Number(test.max), ways));
    }
  }

  /** The accumulator is one of the values. */
  #anyOf(values: Values, { pass, fail }: Ways): FilterNode {
    return [...values].toReversed().reduce((next, [value, word]) => {
      const note = () => ({ text: `${this.#name} = ${word}`, origin: this.#origin });
      return this.#graph.equal(Number(value & LOW), pass, next, note);
    }, fail);
  }

  #within(min: number, max: number, { pass, fail }: Ways): FilterNode {
    const belowMax = max === ALL_ONES ? pass : this.#graph.above(max, fail, pass, this.#note);
    return min === 0 ? belowMax : this.#graph.atLeast(min, belowMax, fail, this.#note);
  }

  /** `(word & mask) == equals`, with as little as it takes. */
  #maskedWord(offset: number, mask: bigint, equals: bigint, { pass, fail }: Ways): FilterNode {
    if (mask === 0n) return pass;
    if (equals === 0n) return this.#graph.load(offset, this.#graph.anyBit(Number(mask), fail, pass, this.#note));
    const compare = this.#graph.equal(Number(equals), pass, fail, this.#note);
    return this.#graph.load(offset, mask === LOW ? compare : this.#graph.and(Number(mask), compare));
  }

  #zeroHigh({ pass, fail }: Ways): FilterNode {
    return this.#graph.load(this.#high, this.#graph.equal(0, pass, fail, this.#note));
  }

  /** The high half repeats the sign of the low half, or is zero: both are what compilers make of a C int. */
  #signedHigh({ pass, fail }: Ways): FilterNode {
    const negative = this.#graph.load(this.#low, this.#graph.anyBit(SIGN, pass, fail, this.#note));
    const extended = this.#graph.equal(ALL_ONES, negative, fail, this.#note);
    return this.#graph.load(this.#high, this.#graph.equal(0, pass, extended, this.#note));
  }

  #signedOneOf(values: Values, zero: FilterNode, { pass, fail }: Ways): FilterNode {
    const negatives = new Map([...values].filter(([value]) => value >= BigInt(SIGN)));
    const others = new Map([...values].filter(([value]) => value < BigInt(SIGN)));
    const extended = this.#graph.equal(ALL_ONES, pass, fail, this.#note);
    const eitherHigh = this.#graph.load(this.#high, this.#graph.equal(0, pass, extended, this.#note));
    const rest = this.#anyOf(negatives, { pass: eitherHigh, fail });
    return this.#graph.load(this.#low, this.#anyOf(others, { pass: zero, fail: rest }));
  }

  #wideOneOf(values: Values, { pass, fail }: Ways): FilterNode {
    const highs = [...new Set([...values.keys()].map((value) => value >> 32n))];
    const chain = highs.toReversed().reduce((next, high) => {
      const lows = new Map([...values].filter(([value]) => value >> 32n === high));
      const low = this.#graph.load(this.#low, this.#anyOf(lows, { pass, fail }));
      return this.#graph.equal(Number(high), low, next, this.#note);
    }, fail);
    return this.#graph.load(this.#high, chain);
  }

  #wideMasked(mask: bigint, equals: bigint, { pass, fail }: Ways): FilterNode {
    const low = this.#maskedWord(this.#low, mask & LOW, equals & LOW, { pass, fail });
    return this.#maskedWord(this.#high, mask >> 32n, equals >> 32n, { pass: low, fail });
  }

  /** `argument >= min`, unsigned. */
  #atLeast(min: bigint, { pass, fail }: Ways): FilterNode {
    if (min === 0n) return pass;
    const [high, low] = [Number(min >> 32n), Number(min & LOW)];
    const lowHalf = low === 0 ? pass : this.#graph.load(this.#low, this.#graph.atLeast(low, pass, fail, this.#note));
    const same = this.#graph.equal(high, lowHalf, fail, this.#note);
    return this.#graph.load(this.#high, this.#graph.above(high, pass, same, this.#note));
  }

  /** `argument <= max`, unsigned. */
  #atMost(max: bigint, { pass, fail }: Ways): FilterNode {
    const [high, low] = [Number(max >> 32n), Number(max & LOW)];
    const lowHalf =
      low === ALL_ONES ? pass : this.#graph.load(this.#low, this.#graph.above(low, fail, pass, this.#note));
    const same = this.#graph.equal(high, lowHalf, pass, this.#note);
    return this.#graph.load(this.#high, this.#graph.above(high, fail, same, this.#note));
  }
}
