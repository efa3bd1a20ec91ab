import fc from 'fast-check';
import { BPF, SECCOMP_RET } from '../../src/plan/bpf/opcodes.js';
import type { SeccompInput } from '../../src/plan/bpf/simulate.js';
import type { BpfInstruction } from '../../src/plan/plan.js';

// Constants and inputs come from one small set, so that comparisons are often equal, often one apart, and signs matter.
const WORDS = [
  0, 1, 2, 59, 231, 0x3fff_ffff, 0x4000_0000, 0x7fff_ffff, 0x8000_0000, 0xc000_003e, 0xffff_fffe, 0xffff_ffff,
];

const word = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...WORDS) },
  { weight: 1, arbitrary: fc.nat(0xffff_ffff) },
);

const branchCode = fc.constantFrom(BPF.JEQ_K, BPF.JGT_K, BPF.JGE_K, BPF.JSET_K);

const returns = (audit: boolean) =>
  fc.oneof(
    fc.constantFrom(SECCOMP_RET.ALLOW, SECCOMP_RET.KILL_PROCESS, SECCOMP_RET.USER_NOTIF),
    fc.integer({ min: 1, max: 4095 }).map((errno) => SECCOMP_RET.ERRNO + errno),
    fc.constant(audit ? SECCOMP_RET.LOG : SECCOMP_RET.ALLOW),
  );

const draft = (audit: boolean) =>
  fc.record({
    kind: fc.constantFrom('load', 'load', 'and', 'branch', 'branch', 'branch', 'jump', 'return'),
    offset: fc.nat(15).map((index) => index * 4),
    branchCode,
    k: word,
    ret: returns(audit),
    jt: fc.nat(255),
    jf: fc.nat(255),
    nearTrue: fc.boolean(),
  });

type Draft = typeof draft extends (audit: boolean) => fc.Arbitrary<infer Value> ? Value : never;

/** Filters that `checkFilter` accepts: forward jumps inside, nothing unreachable, RET last. */
export function arbitraryFilter(audit = false, maxLength = 60): fc.Arbitrary<BpfInstruction[]> {
  return fc.array(draft(audit), { minLength: 1, maxLength }).map(link);
}

function link(drafts: readonly Draft[]): BpfInstruction[] {
  const reachable = new Set([0]);
  return drafts.map((at, index) => {
    const instruction = linkOne(at, drafts.length - index - 1, reachable.has(index + 1));
    for (const step of stepsOf(instruction)) reachable.add(index + 1 + step);
    return instruction;
  });
}

/** `after` instructions follow; the next one must be reached from this one unless it already is. */
function linkOne(at: Draft, after: number, nextIsReached: boolean): BpfInstruction {
  if (after === 0 || (at.kind === 'return' && nextIsReached)) return { code: BPF.RET_K, jt: 0, jf: 0, k: at.ret };
  if (at.kind === 'load') return { code: BPF.LD_W_ABS, jt: 0, jf: 0, k: at.offset };
  if (at.kind === 'and') return { code: BPF.AND_K, jt: 0, jf: 0, k: at.k };
  if (at.kind === 'jump') return { code: BPF.JA, jt: 0, jf: 0, k: nextIsReached ? at.jt % after : 0 };
  const jt = at.jt % after;
  const jf = at.jf % after;
  if (nextIsReached || jt === 0 || jf === 0) return { code: at.branchCode, jt, jf, k: at.k };
  return { code: at.branchCode, jt: at.nearTrue ? 0 : jt, jf: at.nearTrue ? jf : 0, k: at.k };
}

function stepsOf({ code, jt, jf, k }: BpfInstruction): number[] {
  if (code === BPF.RET_K) return [];
  if (code === BPF.JA) return [k];
  return code === BPF.LD_W_ABS || code === BPF.AND_K ? [0] : [jt, jf];
}

const wide = fc.tuple(word, word).map(([high, low]) => (BigInt(high) << 32n) | BigInt(low));

/** What the kernel may show a filter. */
export const arbitraryInput: fc.Arbitrary<Required<SeccompInput>> = fc.record({
  arch: word,
  nr: word,
  args: fc.array(wide, { minLength: 6, maxLength: 6 }),
  instructionPointer: wide,
});
