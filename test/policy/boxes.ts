/**
 * Sets of a call's arguments as boxes: of each of the six arguments, what some of its bits are. The method of two-level logic
 * (cubes), which knows no diagram and no program.
 */

/** `argument & mask` is `value`. */
export interface Side {
  readonly mask: bigint;
  readonly value: bigint;
}

/** The calls whose arguments meet all six sides. */
export type Box = readonly Side[];

export const ALL_BITS = 0xffff_ffff_ffff_ffffn;

const ANY: Side = { mask: 0n, value: 0n };

/** What takes more boxes than this takes no rules that a filter could have. */
const MOST_BOXES = 128;

export class TooManyBoxes extends Error {}

/** Every call. */
export const UNIVERSE: Box = [ANY, ANY, ANY, ANY, ANY, ANY];

/** Where both of any two hold. @throws TooManyBoxes */
export function intersection(first: readonly Box[], second: readonly Box[]): Box[] {
  return limited(
    first.flatMap((box) => second.filter((other) => !isApart(box, other)).map((other) => common(box, other))),
  );
}

/** What is in the first and in none of the others, in boxes that do not overlap when the first ones do not. @throws TooManyBoxes */
export function difference(first: readonly Box[], others: readonly Box[]): Box[] {
  return others.reduce((rest, other) => limited(rest.flatMap((box) => without(box, other))), [...first]);
}

function limited(boxes: Box[]): Box[] {
  if (boxes.length > MOST_BOXES) throw new TooManyBoxes();
  return boxes;
}

function common(box: Box, other: Box): Box {
  return box.map(({ mask, value }, index) => {
    const side = other[index] as Side;
    return { mask: mask | side.mask, value: value | side.value };
  });
}

function isApart(box: Box, other: Box): boolean {
  return box.some(({ mask, value }, index) => {
    const side = other[index] as Side;
    return ((value ^ side.value) & mask & side.mask) !== 0n;
  });
}

/** For each bit that only the other fixes: what agrees with it in all bits before, and not in this one. */
function without(box: Box, other: Box): Box[] {
  if (isApart(box, other)) return [box];
  const pieces: Box[] = [];
  let rest = box;
  for (const [index, side] of other.entries()) {
    for (let bit = 1n << 63n; bit > 0n; bit >>= 1n) {
      const { mask, value } = rest[index] as Side;
      if ((side.mask & ~mask & bit) === 0n) continue;
      pieces.push(rest.with(index, { mask: mask | bit, value: value | (~side.value & bit) }));
      rest = rest.with(index, { mask: mask | bit, value: value | (side.value & bit) });
    }
  }
  return pieces;
}

/** The numbers from `min` to `max`, as the fewest blocks that begin at a multiple of their size. */
export function blocksOf(min: bigint, max: bigint): Side[] {
  const blocks: Side[] = [];
  for (let from = min; from <= max; ) {
    let size = from === 0n ? ALL_BITS + 1n : from & -from;
    while (from + size - 1n > max) size >>= 1n;
    blocks.push({ mask: ALL_BITS & ~(size - 1n), value: from });
    from += size;
  }
  return blocks;
}
