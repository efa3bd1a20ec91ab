import { planDigest, type TextForm, WrittenValue } from '../../plan/digest.js';
import type { Plan } from '../../plan/plan.js';
import type { EffectivePolicy, EffectiveSyscalls, HostFacts } from '../types.js';

/** Raised with every change after which the same policy may mean another sandbox. */
export const COMPILER_VERSION = '1';

/** Without what says where or why something was written, but not what holds. */
const MEANING: TextForm = {
  omitted: new Set(['origin', 'via', 'files', 'description', 'tests', 'abstract']),
  maps: true,
};

/**
 * The name of a plan. It changes exactly when the policy's meaning, the host's abilities or the plan itself change:
 * moving a line, a comment, or a pool size changes nothing.
 */
export function digestOf(plan: Omit<Plan, 'digest'>, policy: EffectivePolicy, host: HostFacts): Uint8Array {
  const kernel = { landlockAbi: host.landlockAbi, privileged: host.privileged };
  const parts = {
    policy: {
      effective: WrittenValue.of({ ...policy, syscalls: once(policy.syscalls, writtenSyscalls) }, MEANING),
      plan: { ...plan, filter: once(plan.filter, (filter) => WrittenValue.ofFilter(filter).digested()) },
    },
    compilerVersion: COMPILER_VERSION,
    arch: plan.arch,
    kernel,
  };
  return planDigest(parts);
}

/** The longest parts, which most policies share with others. */
const written = new WeakMap<object, WrittenValue>();

function once<Value extends object>(value: Value, write: (value: Value) => WrittenValue): WrittenValue {
  const known = written.get(value);
  if (known !== undefined) return known;
  const made = write(value);
  written.set(value, made);
  return made;
}

/** Policies that do not share all of their system calls share most of the entries. */
function writtenSyscalls({ default: closed, allow, restrict, rules }: EffectiveSyscalls): WrittenValue {
  const each = (entries: readonly object[]) => entries.map((entry) => once(entry, writtenEntry));
  return writtenEntry({
    default: closed,
    allow: each(allow),
    restrict: each(restrict),
    rules: each(rules),
  }).digested();
}

function writtenEntry(value: object): WrittenValue {
  return WrittenValue.of(value, MEANING);
}
