import type { Diagram, Diagrams } from '../prove/diagrams.js';

/** The function that has `operation` of the two functions' values everywhere. */
export function combine(
  diagrams: Diagrams,
  first: Diagram,
  second: Diagram,
  operation: (a: number, b: number) => number,
): Diagram {
  const known = new Map<string, Diagram>();
  const combined = (a: Diagram, b: Diagram): Diagram => {
    const key = `${a} ${b}`;
    const result = known.get(key) ?? made(a, b);
    known.set(key, result);
    return result;
  };
  const made = (a: Diagram, b: Diagram): Diagram => {
    const [left, right] = [diagrams.valueOf(a), diagrams.valueOf(b)];
    if (left !== undefined && right !== undefined) return diagrams.constant(operation(left, right));
    const bit = Math.min(diagrams.bitOf(a), diagrams.bitOf(b));
    const side = (isSet: boolean) => combined(diagrams.given(a, bit, isSet), diagrams.given(b, bit, isSet));
    return diagrams.test(bit, side(false), side(true));
  };
  return combined(first, second);
}
