/** What a policy means, as text: two that differ only in where and why they say it have the same one. */
import { type TextForm, WrittenValue } from '../plan/digest.js';
import type { EffectiveSyscalls } from './types.js';

/** Without what says where or why something was written, but not what holds. */
export const MEANING: TextForm = {
  omitted: new Set(['origin', 'via', 'files', 'description', 'tests', 'abstract']),
  maps: true,
};

/** Texts of what many policies share, in one form: each is written once. */
export class Writings {
  readonly #form: TextForm | undefined;
  readonly #written = new WeakMap<object, WrittenValue>();

  /** @param form undefined: all that there is */
  constructor(form?: TextForm) {
    this.#form = form;
  }

  /** What was written of the same object before, or is now. @param write as it is */
  of<Value extends object>(value: Value, write = (it: Value) => WrittenValue.of(it, this.#form)): WrittenValue {
    const known = this.#written.get(value);
    if (known !== undefined) return known;
    const made = write(value);
    this.#written.set(value, made);
    return made;
  }

  /** An object's members: those that nobody can change as they were written before. */
  membersOf(object: object): Readonly<Record<string, unknown>> {
    const members = Object.entries(object).map(([name, value]) => [name, isShared(value) ? this.of(value) : value]);
    return Object.fromEntries(members);
  }
}

function isShared(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.isFrozen(value);
}

/** What policies mean. */
export const meanings = new Writings(MEANING);

/** The digest of what system calls mean. Policies that do not share all of them share most of the entries. */
export function writtenSyscalls(syscalls: EffectiveSyscalls): WrittenValue {
  return meanings.of(syscalls, ({ default: closed, allow, restrict, rules }) => {
    const each = (entries: readonly object[]) => entries.map((entry) => meanings.of(entry));
    const parts = { default: closed, allow: each(allow), restrict: each(restrict), rules: each(rules) };
    return WrittenValue.of(parts, MEANING).digested();
  });
}
