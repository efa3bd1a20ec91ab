import type { EffectiveSyscalls, Provenance, SyscallProvenance } from '../types.js';
import type { AssembledFilter } from './assemble.js';
import type { LoweredSyscalls } from './lower.js';

export function provenanceOf(
  syscalls: EffectiveSyscalls,
  lowered: LoweredSyscalls,
  notes: AssembledFilter['notes'],
): Provenance {
  const calls = new Map<number, SyscallProvenance>();
  for (const { number, name, clauses } of lowered.calls.values()) {
    const places = clauses.map(({ action, errno, origin }) => {
      return { action, errno: errno === 0 ? '' : (lowered.table.errnoName(errno) ?? String(errno)), origin };
    });
    calls.set(number, { name, clauses: places });
  }
  return { instructions: notes, syscalls: calls, default: syscalls.default.origin };
}
