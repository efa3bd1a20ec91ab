/** Values of a policy as YAML. */
import { isScalar, Scalar, stringify } from 'yaml';

const FLOW = { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0, blockQuote: false } as const;

/** On one line, as YAML has it between brackets. */
export function flow(value: unknown): string {
  return stringify(asNode(value), FLOW).trimEnd();
}

// Masks and requests are read in hexadecimal; what is below ten is the same in both.
function asNode(value: unknown): unknown {
  if (typeof value === 'bigint') {
    const scalar = new Scalar(value);
    if (value > 9n) scalar.format = 'HEX';
    return scalar;
  }
  if (Array.isArray(value)) return value.map(asNode);
  if (typeof value !== 'object' || value === null || isScalar(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, asNode(member)]));
}
