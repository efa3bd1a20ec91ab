/** Functions of a call's arguments as conditions that OCI knows: of each argument, what some of its bits are. */
import type { Bit, Diagram, Diagrams } from '../prove/diagrams.js';
import { argumentBits } from '../prove/words.js';

const ALL_BITS = 0xffff_ffff_ffff_ffffn;

/** Of one argument: `argument & mask` is `value`. */
export interface ArgumentCube {
  readonly mask: bigint;
  readonly value: bigint;
}

/** All calls that meet the conditions get the answer. */
export interface Cube {
  /** By position of the argument. */
  readonly args: ReadonlyMap<number, ArgumentCube>;
  readonly answer: number;
}

/** Where a bit lies: position of the argument, and the bit's weight in it. */
const PLACES = new Map<Bit, { readonly index: number; readonly weight: bigint }>(
  [0, 1, 2, 3, 4, 5].flatMap((index) =>
    argumentBits(index, 64).map((bit, order) => [bit, { index, weight: 1n << BigInt(63 - order) }] as const),
  ),
);

/**
 * Disjoint cubes that cover all calls with another answer than `otherwise`.
 *
 * @param diagram a function of arguments alone
 * @param most undefined is answered when there would be more
 */
export function cubesOf(diagrams: Diagrams, diagram: Diagram, otherwise: number, most: number): Cube[] | undefined {
  const cubes: Cube[] = [];
  const follow = (part: Diagram, args: ReadonlyMap<number, ArgumentCube>): void => {
    const answer = diagrams.valueOf(part);
    if (answer === otherwise || cubes.length > most) return;
    if (answer !== undefined) {
      cubes.push({ args, answer });
      return;
    }
    const bit = diagrams.bitOf(part);
    for (const isSet of [false, true]) follow(diagrams.given(part, bit, isSet), withBit(args, bit, isSet));
  };
  follow(diagram, new Map());
  return cubes.length > most ? undefined : cubes;
}

function withBit(args: ReadonlyMap<number, ArgumentCube>, bit: Bit, isSet: boolean): ReadonlyMap<number, ArgumentCube> {
  const place = PLACES.get(bit);
  if (place === undefined) throw new RangeError(`bit ${bit} is not one of an argument`);
  const { mask, value } = args.get(place.index) ?? { mask: 0n, value: 0n };
  return new Map(args).set(place.index, { mask: mask | place.weight, value: isSet ? value | place.weight : value });
}

/** True when the cube names one value. */
export function isOneValue({ mask }: ArgumentCube): boolean {
  return mask === ALL_BITS;
}
