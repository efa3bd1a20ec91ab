/** Calls of the i386 ABI, which a filter that does not look at the architecture takes for others. Pure. */
import { kernelTable } from '../../kernel/table.js';
import type { CompiledPolicy } from '../../policy/types.js';
import type { Program } from '../program.js';
import type { Accepted } from '../verdict.js';
import type { DerivedAttempt } from './derived-attempt.js';

/** Numbers of asm/unistd_32.h. On x86-64 they are those of writev and getuid, which policies allow. */
const CALLS: Readonly<Record<string, number>> = { getpid: 20, socketcall: 102 };

/** @returns none on another architecture: the instruction is x86's */
export function foreignCalls({ policy }: CompiledPolicy, program: Program): DerivedAttempt[] {
  const auditArch = kernelTable(program.arch).constant('AUDIT_ARCH_I386');
  if (program.arch !== 'x86_64' || auditArch === undefined) return [];
  return Object.entries(CALLS).map(([call, nr]) => ({
    ...{ name: `i386 ${call}`, do: 'call', with: { code: machineCode(nr) }, origin: policy.syscalls.default.origin },
    accepted: acceptedOf(program, { nr, args: [] }, Number(auditArch)),
  }));
}

/** `push %rbx; mov $nr, %eax; xor %ebx, %ebx; int $0x80; pop %rbx; ret` */
function machineCode(nr: number): string {
  const number = Buffer.alloc(4);
  number.writeUInt32LE(nr);
  return `53b8${number.toString('hex')}31dbcd805bc3`;
}

function acceptedOf(program: Program, call: { nr: number; args: bigint[] }, auditArch: number): Accepted {
  const answer = program.answer(call, auditArch);
  const because = 'the program kills what comes from another architecture';
  if (answer.kind === 'kill') return { kind: 'signal', signal: answer.signal, because };
  return { kind: 'unknown', why: `the program answers a call of another architecture with ${answer.kind}` };
}
