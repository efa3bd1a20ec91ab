import { kernelTable } from '../../kernel/table.js';
import { disassemble } from '../../plan/bpf/disassemble.js';
import { annotatedFilter } from '../compile/filter.js';
import { lowerSyscalls } from '../compile/lower.js';
import { Findings } from '../findings.js';
import type { CompiledPolicy, InstructionNote } from '../types.js';
import { placeText } from './place-text.js';

/** How many places one instruction names; a part that many calls share would name them all. */
const MOST_PLACES = 2;

/** The plan's filter as assembler, with what each branch decides and the line of the policy that says so. */
export function renderBpf({ plan, policy }: CompiledPolicy): string {
  const table = kernelTable(plan.arch);
  const { notes } = annotatedFilter(lowerSyscalls(policy.syscalls, table, new Findings()));
  return disassemble(plan.filter, {
    syscallName: (nr) => table.syscallByNumber(nr)?.name,
    archName: (arch) => (arch === table.auditArch ? plan.arch : undefined),
    errnoName: (errno) => table.errnoName(errno),
    policyLine: (index) => notesText(notes[index] ?? []),
  });
}

function notesText(notes: readonly InstructionNote[]): string | undefined {
  if (notes.length === 0) return undefined;
  const shown = notes
    .slice(0, MOST_PLACES)
    .map(({ text, origin }) => (origin === null ? text : `${text} ${placeText(origin)}`));
  const more = notes.length - shown.length;
  return more === 0 ? shown.join(', ') : `${shown.join(', ')} and ${more} more`;
}
