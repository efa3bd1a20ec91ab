/**
 * `mode: audit`: what the default refuses is let through and reported. Rules decide as ever, and so does the base for the calls that it
 * restricts: what they keep from a job, such as setuid bits, concerns people outside of its sandbox.
 */
import type { DefaultAction, EffectivePolicy, RestrictEntry, RuleEntry } from '../types.js';
import type { Layer } from './layers.js';
import { lastOf } from './scalars.js';

export function isAudited(layers: readonly Layer[]): boolean {
  return lastOf(layers, '/mode', ({ mode }) => mode)?.value === 'audit';
}

/** @param locked what `builtin:base` restricts */
export function auditedDefault(enforced: DefaultAction, locked: readonly RestrictEntry[]): DefaultAction {
  const refused = [...new Set(locked.map(({ syscall }) => syscall))];
  return { action: 'allow', errno: '', report: 'daemon', origin: enforced.origin, audit: { enforced, refused } };
}

/**
 * A rule with conditions is the kernel's own in audit mode: the supervisor knows a call by its number alone, and lets through what no
 * condition meets.
 */
export function auditedRule(rule: RuleEntry): RuleEntry {
  return rule.args.size === 0 ? rule : { ...rule, report: 'none' };
}

/** The policy with `mode: enforce`. */
export function asEnforced(policy: EffectivePolicy): EffectivePolicy {
  const { syscalls, mode } = policy;
  const { audit } = syscalls.default;
  if (audit === undefined) return policy;
  return { ...policy, mode: { ...mode, value: 'enforce' }, syscalls: { ...syscalls, default: audit.enforced } };
}
