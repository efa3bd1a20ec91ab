import { capabilityNames } from './constants.gen.js';

const numbers = new Map(capabilityNames.map((name, number) => [name, number]));

/** The names of capabilities(7), such as CAP_SYS_ADMIN; the index is the number, the last is CAP_LAST_CAP. */
export { capabilityNames };

/** The number of a capability; undefined for a name that the headers do not have. */
export function capabilityNumber(name: string): number | undefined {
  return numbers.get(name);
}
