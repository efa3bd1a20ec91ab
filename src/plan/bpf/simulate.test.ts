import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryFilter, arbitraryInput } from '../../../test/plan/arbitrary-filter.js';
import { sampleFilter } from '../../../test/plan/sample-plan.js';
import type { BpfInstruction } from '../plan.js';
import { BPF, SECCOMP_DATA, SECCOMP_RET } from './opcodes.js';
import { answerByNumber, simulate } from './simulate.js';

const X86_64 = 0xc000_003e;
const EACCES = SECCOMP_RET.ERRNO + 13;

const ret = (k: number): BpfInstruction => ({ code: BPF.RET_K, jt: 0, jf: 0, k });

/** Loads a word, compares it; 1 when taken, 2 when not. */
function compare(code: number, k: number, offset: number): BpfInstruction[] {
  const errno = (value: number) => ret(SECCOMP_RET.ERRNO + value);
  return [{ code: BPF.LD_W_ABS, jt: 0, jf: 0, k: offset }, { code, jt: 0, jf: 1, k }, errno(1), errno(2)];
}

describe('simulate', () => {
  it('follows the sample filter', () => {
    const run = (nr: number, args: bigint[] = []) => simulate(sampleFilter, { arch: X86_64, nr, args });
    expect(run(1)).toEqual({ action: SECCOMP_RET.ALLOW, trace: [0, 1, 3, 4, 6, 10, 12, 13], cacheable: true });
    expect(run(16, [0n, 0x5401n])).toEqual({
      action: SECCOMP_RET.ALLOW,
      trace: [0, 1, 3, 4, 6, 7, 8, 13],
      cacheable: false,
    });
    expect(run(16, [0n, 0x5402n]).action).toBe(EACCES);
    expect(run(231).action).toBe(SECCOMP_RET.USER_NOTIF);
    expect(run(0x4000_0001).action).toBe(SECCOMP_RET.KILL_PROCESS);
    expect(run(-1 >>> 0).action).toBe(SECCOMP_RET.KILL_PROCESS);
    expect(simulate(sampleFilter, { arch: 0x4000_0003, nr: 1 })).toMatchObject({
      action: SECCOMP_RET.KILL_PROCESS,
      trace: [0, 1, 2],
    });
  });

  it.each([
    [BPF.JEQ_K, 0x8000_0000, 0x8000_0000, 1],
    [BPF.JEQ_K, 0x8000_0000, 0x8000_0001, 2],
    [BPF.JGT_K, 0x7fff_ffff, 0x8000_0000, 1],
    [BPF.JGT_K, 0x8000_0000, 0x8000_0000, 2],
    [BPF.JGE_K, 0x8000_0000, 0x8000_0000, 1],
    [BPF.JGE_K, 0x8000_0000, 0x7fff_ffff, 2],
    [BPF.JSET_K, 0x8000_0001, 0xc000_0000, 1],
    [BPF.JSET_K, 0x8000_0001, 0x7fff_fffe, 2],
  ])('compares unsigned: 0x%x %i with %i', (code, k, value, expected) => {
    const { action } = simulate(compare(code, k, SECCOMP_DATA.nr), { arch: 0, nr: value });
    expect(action - SECCOMP_RET.ERRNO).toBe(expected);
  });

  it('sees both halves of every argument, and the instruction pointer', () => {
    const input = {
      arch: 2,
      nr: 1,
      instructionPointer: 0x4_0000_0003n,
      args: [5, 7, 9, 11, 13, 15].map((low) => (BigInt(low + 1) << 32n) | BigInt(low)),
    };
    for (let word = 0; word < 16; word++) {
      expect(simulate(compare(BPF.JEQ_K, word + 1, word * 4), input).action - SECCOMP_RET.ERRNO).toBe(1);
    }
  });

  it('masks without a sign', () => {
    const filter = compare(BPF.JEQ_K, 0x8000_0000, SECCOMP_DATA.nr);
    filter.splice(1, 0, { code: BPF.AND_K, jt: 0, jf: 0, k: 0xf000_0000 });
    expect(simulate(filter, { arch: 0, nr: 0x8fff_ffff }).action - SECCOMP_RET.ERRNO).toBe(1);
  });

  it('does not run what the check refuses', () => {
    expect(() => simulate([], { arch: 0, nr: 0 })).toThrow(RangeError);
    expect(() => simulate([{ code: 0, jt: 0, jf: 0, k: 0 }], { arch: 0, nr: 0 })).toThrow('unknown instruction 0x0');
  });
});

describe('answerByNumber', () => {
  it('is what the filter returns when it looks at no argument, and else nothing', () => {
    for (const arch of [X86_64, 0, 0xc000_00b7]) {
      for (const nr of [0, 1, 2, 16, 56, 231, 500, 0x4000_0001, 0xffff_ffff]) {
        const { action, cacheable } = simulate(sampleFilter, { arch, nr });
        expect({ arch, nr, answer: answerByNumber(sampleFilter, arch, nr) }).toEqual({
          arch,
          nr,
          answer: cacheable ? action : undefined,
        });
      }
    }
  });

  it('is that for any filter', () => {
    fc.assert(
      fc.property(arbitraryFilter(), arbitraryInput, (filter, { arch, nr }) => {
        const { action, cacheable } = simulate(filter, { arch, nr });
        expect(answerByNumber(filter, arch, nr)).toBe(cacheable ? action : undefined);
      }),
    );
  });

  it('keeps what a mask leaves of the number', () => {
    const filter: BpfInstruction[] = [
      { code: BPF.LD_W_ABS, jt: 0, jf: 0, k: SECCOMP_DATA.nr },
      { code: BPF.AND_K, jt: 0, jf: 0, k: 0xf },
      { code: BPF.JEQ_K, jt: 0, jf: 1, k: 3 },
      ret(SECCOMP_RET.ALLOW),
      ret(EACCES),
    ];
    expect([0x13, 0xffff_fff3, 4].map((nr) => answerByNumber(filter, X86_64, nr))).toEqual([
      SECCOMP_RET.ALLOW,
      SECCOMP_RET.ALLOW,
      EACCES,
    ]);
  });

  it('needs an end', () => {
    expect(() => answerByNumber([{ code: BPF.LD_W_ABS, jt: 0, jf: 0, k: 0 }], X86_64, 0)).toThrow(RangeError);
  });
});
