/** Comparisons of the forms that values of a policy have. */
import type { Sourced } from '../types.js';
import type { Comparison, Difference, Direction } from './difference.js';
import { type Order, unordered } from './orders.js';

type Text<T> = (value: T) => string;

/** A value and its place. */
export function value<T>(order: Order<T>, text: Text<T> = String): Comparison<Sourced<T>> {
  return (field, a, b) => {
    const direction = order(a.value, b.value);
    if (direction === undefined) return [];
    const [left, right] = [text(a.value), text(b.value)];
    return [{ field, direction, a: { text: left, origin: a.origin }, b: { text: right, origin: b.origin } }];
  };
}

/** Several values that were written at one place. */
export function values<T extends object>(
  parts: { readonly [K in keyof T]: Comparison<Sourced<T[K]>> },
): Comparison<Sourced<T>> {
  return (field, a, b) => {
    const part = <K extends keyof T>(key: K) =>
      parts[key](
        `${field}.${String(key)}`,
        { value: a.value[key], origin: a.origin },
        { value: b.value[key], origin: b.origin },
      );
    return keysOf(parts).flatMap(part);
  };
}

/** A map of fields, each with a comparison of its own. A field without one does not compile. */
export function fields<T extends object>(parts: { readonly [K in keyof T]: Comparison<T[K]> }): Comparison<T> {
  return (field, a, b) => {
    const part = <K extends keyof T>(key: K) =>
      parts[key](field === '' ? String(key) : `${field}.${String(key)}`, a[key], b[key]);
    return keysOf(parts).flatMap(part);
  };
}

/** The part under the name that the policy language has for it. */
export function named<T>(name: string, comparison: Comparison<T>): Comparison<T> {
  return (_, a, b) => comparison(name, a, b);
}

/** A part that another comparison looks at, or that gives no right. */
export const skipped: Comparison<unknown> = () => [];

/**
 * A list without order.
 *
 * @param covers whether an entry of one policy already has what an entry of the other would bring
 */
export function list(
  added: 'wider' | 'narrower',
  covers: (entry: string, other: string) => boolean = (entry, other) => entry === other,
): Comparison<readonly Sourced<string>[]> {
  return (field, a, b) => {
    const beyond = (entries: readonly Sourced<string>[], others: readonly Sourced<string>[]) =>
      entries.filter((entry) => !others.some((other) => covers(other.value, entry.value)));
    return [
      ...beyond(b, a).map((entry) => onlyIn('b', field, entry, added)),
      ...beyond(a, b).map((entry) => onlyIn('a', field, entry, added === 'wider' ? 'narrower' : 'wider')),
    ];
  };
}

/** Values by name. One more is wider: a job can read it. Two values of one name have no order. */
export const variables: Comparison<ReadonlyMap<string, Sourced<string>>> = (field, a, b) => {
  const names = [...new Set([...a.keys(), ...b.keys()])].sort();
  return names.flatMap((name) => {
    const [left, right] = [a.get(name), b.get(name)];
    const own = `${field}.${name}`;
    if (left !== undefined && right !== undefined) return value<string>(unordered, JSON.stringify)(own, left, right);
    if (right !== undefined) return [onlyIn('b', own, right, 'wider')];
    return left === undefined ? [] : [onlyIn('a', own, left, 'narrower')];
  });
};

/** A difference of which one policy has nothing. */
export function onlyIn(side: 'a' | 'b', field: string, entry: Sourced<string>, direction: Direction): Difference {
  const own = { text: entry.value, origin: entry.origin };
  return { field, direction, a: null, b: null, [side]: own };
}

function keysOf<T extends object>(parts: T): (keyof T)[] {
  return Object.keys(parts) as (keyof T)[];
}
