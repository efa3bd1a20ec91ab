/** The filter of a policy and all that follows from its system calls alone: made once for all policies that share them. */
import { kernelTable } from '../../kernel/table.js';
import type { Arch } from '../../kernel/types.js';
import type { BpfInstruction, NotifyAnswer } from '../../plan/plan.js';
import type { Findings } from '../findings.js';
import type { EffectivePolicy, EffectiveSyscalls } from '../types.js';
import { compileFilter } from './filter.js';
import { checkFilterLength } from './filter-length.js';
import { lowerSyscalls } from './lower.js';
import { compileNotify, type NotifyTable } from './notify.js';

export interface CompiledSyscalls {
  readonly filter: readonly BpfInstruction[];
  readonly notify: NotifyTable;
}

const known = new WeakMap<EffectiveSyscalls, Map<Arch, CompiledSyscalls>>();

/** Compiles the system calls of a policy for one architecture. What was made without a finding is made once. */
export function compileSyscalls(policy: EffectivePolicy, arch: Arch, findings: Findings): CompiledSyscalls {
  const { syscalls } = policy;
  const same = known.get(syscalls)?.get(arch);
  if (same !== undefined) return same;
  const before = findings.attempts;
  const made = make(policy, arch, findings);
  if (findings.attempts === before) {
    const others = known.get(syscalls) ?? [];
    known.set(syscalls, new Map([...others, [arch, made]]));
  }
  return made;
}

function make(policy: EffectivePolicy, arch: Arch, findings: Findings): CompiledSyscalls {
  const { syscalls } = policy;
  const lowered = lowerSyscalls(syscalls, kernelTable(arch), findings);
  const filter = compileFilter(lowered);
  checkFilterLength(filter, lowered, policy, findings);
  const { answers, defaultErrno } = compileNotify(lowered, findings);
  return {
    filter: frozen(filter),
    notify: { answers: frozen(answers), defaultErrno },
  };
}

/** Whoever changed the program of one policy would change that of others, after it was proven. */
function frozen<Entry extends BpfInstruction | NotifyAnswer>(list: readonly Entry[]): readonly Entry[] {
  return Object.freeze(list.map((entry) => Object.freeze(entry)));
}
