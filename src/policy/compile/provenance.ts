import type { EffectivePolicy, Provenance, SyscallProvenance } from '../types.js';
import type { AssembledFilter } from './assemble.js';
import type { LoweredSyscalls } from './lower.js';

export function provenanceOf(
  policy: EffectivePolicy,
  lowered: LoweredSyscalls,
  { notes }: AssembledFilter,
): Provenance {
  const syscalls = new Map<number, SyscallProvenance>();
  for (const { number, name, clauses } of lowered.calls.values()) {
    const places = clauses.map(({ action, errno, origin }) => {
      return { action, errno: errno === 0 ? '' : (lowered.table.errnoName(errno) ?? String(errno)), origin };
    });
    syscalls.set(number, { name, clauses: places });
  }
  return { instructions: notes, syscalls, default: policy.syscalls.default.origin };
}
