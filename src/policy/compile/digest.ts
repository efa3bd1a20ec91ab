import { planDigest, WrittenValue } from '../../plan/digest.js';
import type { Plan } from '../../plan/plan.js';
import type { EffectivePolicy, EffectiveSyscalls, HostFacts } from '../types.js';

/** Raised with every change after which the same policy may mean another sandbox. */
export const COMPILER_VERSION = '1';

/** What says where or why something was written, but not what holds. */
const NOT_MEANING: ReadonlySet<string> = new Set(['origin', 'via', 'files', 'description', 'tests', 'abstract']);

/**
 * The name of a plan. It changes exactly when the policy's meaning, the host's abilities or the plan itself change:
 * moving a line, a comment, or a pool size changes nothing.
 */
export function digestOf(plan: Omit<Plan, 'digest'>, policy: EffectivePolicy, host: HostFacts): Uint8Array {
  const kernel = { landlockAbi: host.landlockAbi, privileged: host.privileged };
  const parts = {
    policy: {
      effective: plainMeaning({ ...policy, syscalls: once(policy.syscalls, writtenSyscalls) }),
      plan: { ...plan, filter: once(plan.filter, WrittenValue.ofFilter) },
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
  return writtenEntry({ default: closed, allow: each(allow), restrict: each(restrict), rules: each(rules) });
}

function writtenEntry(value: object): WrittenValue {
  return WrittenValue.of(plainMeaning(value));
}

/** Plain data without places: maps as objects, a sourced value as the value. */
function plainMeaning(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainMeaning);
  if (value instanceof Map) return plainMeaning(Object.fromEntries(value));
  if (typeof value !== 'object' || value === null || value instanceof WrittenValue) return value;
  // No prototype: a name such as __proto__ is only a name.
  const plain: Record<string, unknown> = Object.create(null);
  for (const name of Object.keys(value)) {
    if (!NOT_MEANING.has(name)) plain[name] = plainMeaning((value as Readonly<Record<string, unknown>>)[name]);
  }
  return plain;
}
