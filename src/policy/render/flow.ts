/** Values of a policy as YAML. */
import { isScalar, Scalar, stringify } from 'yaml';
import { isFileMode } from '../resolve/syscall-names.js';

const FLOW = {
  collectionStyle: 'flow',
  flowCollectionPadding: false,
  lineWidth: 0,
  blockQuote: false,
  doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
} as const;

/** Whether an argument of the system call that a value is about is a file mode. */
type ModeTest = (argument: string) => boolean;

/** On one line, as YAML has it between brackets. */
export function flow(value: unknown, isMode: ModeTest = () => false, octal = false): string {
  return stringify(asNode(value, isMode, octal), FLOW).trimEnd();
}

/** As `flow`, of an entry of `allow` or `rules`: file modes in octal. */
export function entryFlow(value: unknown): string {
  const { syscall, names } = Object(value) as { syscall?: string; names?: readonly string[] };
  return flow(value, (argument) => isFileMode(syscall ?? names?.[0] ?? '', argument));
}

// Masks and requests are read in hexadecimal, file modes in octal; small numbers are the same in all.
function asNode(value: unknown, isMode: ModeTest, octal: boolean): unknown {
  if (typeof value === 'bigint') {
    const scalar = new Scalar(value);
    if (value > (octal ? 7n : 9n)) scalar.format = octal ? 'OCT' : 'HEX';
    return scalar;
  }
  if (typeof value === 'string' && value.includes('\n')) {
    const scalar = new Scalar(value);
    scalar.type = Scalar.QUOTE_DOUBLE;
    return scalar;
  }
  if (Array.isArray(value)) return value.map((member) => asNode(member, isMode, octal));
  if (typeof value !== 'object' || value === null || isScalar(value)) return value;
  const members = Object.entries(value).map(([key, member]) => [key, asNode(member, isMode, octal || isMode(key))]);
  return Object.fromEntries(members);
}
