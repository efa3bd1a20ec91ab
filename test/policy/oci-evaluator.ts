/** A second reading of OCI profiles: one call at a time, on plain numbers, as runc and libseccomp decide it. */
import type { OciArgument, OciSeccomp, OciSyscall } from '../../src/policy/oci/profile.js';

/** The entry that decides a call of the profile's own architecture, or undefined for the default. */
export function decidingEntry({ syscalls }: OciSeccomp, name: string, args: readonly bigint[]): OciSyscall | undefined {
  const own = syscalls.filter(({ names }) => names.includes(name));
  return own.find((entry) => (entry.args ?? []).length === 0) ?? own.find((entry) => matches(entry.args ?? [], args));
}

function matches(conditions: readonly OciArgument[], args: readonly bigint[]): boolean {
  const results = conditions.map((condition) => compare(condition, args[condition.index] ?? 0n));
  const indexes = conditions.map(({ index }) => index);
  const isRepeated = indexes.some((index, at) => indexes.indexOf(index) !== at);
  return isRepeated ? results.includes(true) : !results.includes(false);
}

function compare({ op, value, valueTwo = 0n }: OciArgument, argument: bigint): boolean {
  switch (op) {
    case 'SCMP_CMP_NE':
      return argument !== value;
    case 'SCMP_CMP_LT':
      return argument < value;
    case 'SCMP_CMP_LE':
      return argument <= value;
    case 'SCMP_CMP_EQ':
      return argument === value;
    case 'SCMP_CMP_GE':
      return argument >= value;
    case 'SCMP_CMP_GT':
      return argument > value;
    case 'SCMP_CMP_MASKED_EQ':
      return (argument & value) === (valueTwo & value);
  }
}
