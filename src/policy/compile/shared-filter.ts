/** The filter of a policy and all that follows from its system calls alone: made once for all policies that mean the same by them. */
import { kernelTable } from '../../kernel/table.js';
import type { Arch } from '../../kernel/types.js';
import type { BpfInstruction, NotifyAnswer } from '../../plan/plan.js';
import type { Findings } from '../findings.js';
import type { EffectivePolicy } from '../types.js';
import { writtenSyscalls } from '../written-meaning.js';
import { compileFilter } from './filter.js';
import { checkFilterLength } from './filter-length.js';
import { lowerSyscalls } from './lower.js';
import { compileNotify, type NotifyTable } from './notify.js';

export interface CompiledSyscalls {
  readonly filter: readonly BpfInstruction[];
  readonly notify: NotifyTable;
}

/** As many as are kept: policies that were written by hand, or by a program from a template, have few. */
const MOST = 256;

/** By what the system calls mean. */
const known: Record<Arch, Map<string, CompiledSyscalls>> = { x86_64: new Map(), arm64: new Map() };

/** Compiles the system calls of a policy for one architecture. What was made without a finding is made once for all that mean the same. */
export function compileSyscalls(policy: EffectivePolicy, arch: Arch, findings: Findings): CompiledSyscalls {
  const meaning = writtenSyscalls(policy.syscalls).text;
  const before = findings.attempts;
  const made = known[arch].get(meaning) ?? make(policy, arch, findings);
  if (findings.attempts === before) keep(known[arch], meaning, made);
  return made;
}

/** As the one that was used last. */
function keep(all: Map<string, CompiledSyscalls>, meaning: string, made: CompiledSyscalls): void {
  all.delete(meaning);
  all.set(meaning, made);
  const [oldest] = all.keys();
  if (all.size > MOST && oldest !== undefined) all.delete(oldest);
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
