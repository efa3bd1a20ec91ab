/** What a policy means, as text: two that differ only in where and why they say it have the same one. */
import { type TextForm, WrittenValue } from '../plan/digest.js';
import type { EffectiveSyscalls } from './types.js';

/** Without what says where or why something was written, but not what holds. */
export const MEANING: TextForm = {
  omitted: new Set(['origin', 'via', 'files', 'description', 'tests', 'abstract']),
  maps: true,
};

/** The longest parts, which most policies share with others. */
const written = new WeakMap<object, WrittenValue>();

/** What was written of the same object before, or is now. */
export function once<Value extends object>(value: Value, write: (value: Value) => WrittenValue): WrittenValue {
  const known = written.get(value);
  if (known !== undefined) return known;
  const made = write(value);
  written.set(value, made);
  return made;
}

/** The digest of what system calls mean. Policies that do not share all of them share most of the entries. */
export function writtenSyscalls(syscalls: EffectiveSyscalls): WrittenValue {
  return once(syscalls, ({ default: closed, allow, restrict, rules }) => {
    const each = (entries: readonly object[]) => entries.map((entry) => once(entry, writtenEntry));
    return writtenEntry({
      default: closed,
      allow: each(allow),
      restrict: each(restrict),
      rules: each(rules),
    }).digested();
  });
}

function writtenEntry(value: object): WrittenValue {
  return WrittenValue.of(value, MEANING);
}
