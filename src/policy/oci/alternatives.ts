/** The conditions of an OCI entry as conditions of a policy: alternatives, in each of which all arguments must have their values. */
import type { Syscall } from '../../kernel/types.js';
import { type Interval, union, type ValueSet, valuesOf } from './argument-values.js';
import { alternativeArguments } from './meaning.js';
import type { OciArgument } from './profile.js';

/** By name of the argument. */
export type Alternative = ReadonlyMap<string, ValueSet>;

export interface Alternatives {
  readonly alternatives: readonly Alternative[];
  /** Why a condition cannot be said. */
  readonly unsayable: readonly string[];
}

/**
 * @param isDenial a condition that cannot be said is left out, and the denial holds for more; otherwise the alternative that has it
 *   is left out
 */
export function alternativesOf(args: readonly OciArgument[], call: Syscall, isDenial: boolean): Alternatives {
  const unsayable: string[] = [];
  const alternatives = alternativeArguments(args).flatMap((list): Alternative[] => {
    const alternative = new Map<string, ValueSet>();
    for (const argument of list) {
      const why = whyUnsayable(argument, call);
      if (why !== undefined) unsayable.push(why);
      if (why !== undefined && !isDenial) return [];
      const parameter = call.args[argument.index];
      const values = parameter === undefined || why !== undefined ? 'any' : valuesOf(argument, parameter);
      if (values === undefined) return [];
      if (values !== 'any' && parameter !== undefined) alternative.set(parameter.name, values);
    }
    return [alternative];
  });
  return { alternatives, unsayable };
}

function whyUnsayable(argument: OciArgument, call: Syscall): string | undefined {
  const parameter = call.args[argument.index];
  if (parameter === undefined) return `\`${call.name}\` has no argument ${argument.index}`;
  const values = valuesOf(argument, parameter);
  if (parameter.kind !== 'pointer' || values === undefined || values === 'any' || isZero(values)) return undefined;
  return `\`${parameter.name}\` of \`${call.name}\` is a pointer, which can only be asked for 0`;
}

function isZero(values: ValueSet): boolean {
  return values.kind === 'intervals' && values.intervals.every(([from, to]) => from === 0n && to === 0n);
}

/** The same alternatives, those that differ in the values of one argument put together. */
export function merged(alternatives: readonly Alternative[]): readonly Alternative[] {
  const names = new Set(alternatives.flatMap((alternative) => [...alternative.keys()]));
  return [...names].reduce<readonly Alternative[]>(joinedBy, alternatives);
}

/** Alternatives with the same values of all other arguments become one. */
function joinedBy(alternatives: readonly Alternative[], name: string): readonly Alternative[] {
  const groups = new Map<string, { readonly first: Alternative; readonly intervals: Interval[] }>();
  const others = new Map<string, Alternative>();
  for (const alternative of alternatives) {
    const values = alternative.get(name);
    if (values?.kind !== 'intervals') {
      others.set(keyOf(alternative), alternative);
      continue;
    }
    const key = keyOf([...alternative].filter(([other]) => other !== name));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { first: alternative, intervals: [...values.intervals] });
    else group.intervals.push(...values.intervals);
  }
  const joined = [...groups.values()].map(({ first, intervals }): Alternative => {
    return new Map(first).set(name, { kind: 'intervals', intervals: union(intervals) });
  });
  return [...joined, ...others.values()];
}

function keyOf(alternative: Iterable<readonly [string, ValueSet]>): string {
  const sorted = [...alternative].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([name, values]) => `${name} ${keyOfValues(values)}`).join('; ');
}

function keyOfValues(values: ValueSet): string {
  return values.kind === 'masked' ? `${values.mask} ${values.equals}` : values.intervals.join(' ');
}
