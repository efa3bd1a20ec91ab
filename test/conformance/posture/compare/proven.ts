/** That the programs which the kernel has for a process mean the policy: whether they are the plan's is not asked here. */
import type { BpfInstruction, Plan } from '../../../../src/plan/plan.js';
import { provePlan } from '../../../../src/policy/index.js';
import type { EffectivePolicy } from '../../../../src/policy/types.js';
import type { RawProcess } from './raw.js';

/** `struct sock_filter` (linux/filter.h). */
const INSTRUCTION = 8;

/** What the programs of its threads answer otherwise than the policy means; none where they could not be read. */
export function misreadings({ threads }: RawProcess, plan: Plan, policy: EffectivePolicy): readonly string[] {
  const programs = new Set(Object.values(threads).flatMap(({ filters }) => filters ?? []));
  return [...programs].flatMap((program) => {
    const { diagnostics } = provePlan({ ...plan, filter: instructionsOf(program) }, policy);
    return diagnostics.map(({ file, range, message }) => `${file}:${range.start.line}: ${message}`);
  });
}

/** @param program the bytes of a `struct sock_filter[]`, hex */
function instructionsOf(program: string): BpfInstruction[] {
  const bytes = Buffer.from(program, 'hex');
  return Array.from({ length: Math.floor(bytes.length / INSTRUCTION) }, (_, index) => {
    const at = index * INSTRUCTION;
    const [code, jt, jf, k] = [bytes.readUInt16LE(at), bytes[at + 2], bytes[at + 3], bytes.readUInt32LE(at + 4)];
    return { code, jt: jt ?? 0, jf: jf ?? 0, k };
  });
}
