import type { BpfInstruction } from '../plan.js';
import { knownLoads } from './accumulator.js';
import { BPF, SECCOMP_DATA, seccompAction } from './opcodes.js';

/** What the caller knows about a filter; each callback answers undefined for what it does not know. */
export interface FilterNotes {
  /** Name of a system call number. */
  syscallName?(nr: number): string | undefined;
  /** Name of an AUDIT_ARCH_* value. */
  archName?(arch: number): string | undefined;
  /** Name of an errno, e.g. `EACCES`. */
  errnoName?(errno: number): string | undefined;
  /** Where the policy says it, e.g. `python.yaml:14:5`, for an instruction. */
  policyLine?(index: number): string | undefined;
}

/**
 * One instruction as text, without notes: `0003 jeq #0x1 jt 7 jf 4`. Jump targets are absolute.
 * The native dump prints the same (`lw_plan_dump.c`).
 */
export function instructionText(at: BpfInstruction, index: number): string {
  return `${indexText(index)} ${operation(at, index)}${targets(at, index)}`;
}

/**
 * A filter as text, one instruction a line: `0003 jeq #0x1 (write) jt 7 jf 4 ; python.yaml:14:5`.
 *
 * @returns lines joined by newlines, with one at the end
 */
export function disassemble(filter: readonly BpfInstruction[], notes: FilterNotes = {}): string {
  const loads = knownLoads(filter);
  const lines = filter.map((at, index) => {
    const note = noteOf(at, loads[index], notes);
    const origin = notes.policyLine?.(index);
    const text = `${indexText(index)} ${operation(at, index)}${note === undefined ? '' : ` (${note})`}${targets(at, index)}`;
    return origin === undefined ? text : `${text} ; ${origin}`;
  });
  return `${lines.join('\n')}\n`;
}

function indexText(index: number): string {
  return index.toString().padStart(4, '0');
}

const MNEMONICS = new Map<number, string>([
  [BPF.AND_K, 'and'],
  [BPF.JEQ_K, 'jeq'],
  [BPF.JGT_K, 'jgt'],
  [BPF.JGE_K, 'jge'],
  [BPF.JSET_K, 'jset'],
  [BPF.RET_K, 'ret'],
]);

function operation(at: BpfInstruction, index: number): string {
  if (at.code === BPF.LD_W_ABS) return `ld [${at.k}]`;
  if (at.code === BPF.JA) return `ja ${index + 1 + at.k}`;
  const mnemonic = MNEMONICS.get(at.code) ?? `op_0x${at.code.toString(16)}`;
  return `${mnemonic} #0x${at.k.toString(16)}`;
}

function targets(at: BpfInstruction, index: number): string {
  if (!isBranch(at)) return '';
  return ` jt ${index + 1 + at.jt} jf ${index + 1 + at.jf}`;
}

function isBranch(at: BpfInstruction): boolean {
  return at.code === BPF.JEQ_K || at.code === BPF.JGT_K || at.code === BPF.JGE_K || at.code === BPF.JSET_K;
}

function noteOf(at: BpfInstruction, load: number | undefined, notes: FilterNotes): string | undefined {
  if (at.code === BPF.LD_W_ABS) return loadName(at.k);
  if (at.code === BPF.RET_K) return actionName(at.k, notes);
  if (!isBranch(at) || at.code === BPF.JSET_K) return undefined;
  if (load === SECCOMP_DATA.nr) return notes.syscallName?.(at.k);
  if (load === SECCOMP_DATA.arch) return notes.archName?.(at.k);
  return undefined;
}

function loadName(offset: number): string | undefined {
  if (offset === SECCOMP_DATA.nr) return 'nr';
  if (offset === SECCOMP_DATA.arch) return 'arch';
  if (offset < SECCOMP_DATA.argLow(0)) return offset === SECCOMP_DATA.instructionPointer ? 'ip low' : 'ip high';
  return `args[${Math.floor((offset - 16) / 8)}] ${offset % 8 === 0 ? 'low' : 'high'}`;
}

function actionName(value: number, notes: FilterNotes): string | undefined {
  const action = seccompAction(value);
  if (action?.kind !== 'errno') return action?.kind;
  return `errno ${notes.errnoName?.(action.errno) ?? action.errno}`;
}
