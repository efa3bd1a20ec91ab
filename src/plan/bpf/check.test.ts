import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryFilter } from '../../../test/plan/arbitrary-filter.js';
import { sampleFilter } from '../../../test/plan/sample-plan.js';
import type { BpfInstruction } from '../plan.js';
import { checkFilter } from './check.js';
import { BPF, SECCOMP_RET } from './opcodes.js';

const allow: BpfInstruction = { code: BPF.RET_K, jt: 0, jf: 0, k: SECCOMP_RET.ALLOW };
const load: BpfInstruction = { code: BPF.LD_W_ABS, jt: 0, jf: 0, k: 0 };
const log: BpfInstruction = { ...allow, k: SECCOMP_RET.LOG };

describe('checkFilter', () => {
  it('accepts valid filters', () => {
    expect(checkFilter(sampleFilter, false)).toBeUndefined();
    expect(checkFilter([log], true)).toBeUndefined();
    fc.assert(
      fc.property(arbitraryFilter(), (filter) => {
        expect(checkFilter(filter, false)).toBeUndefined();
      }),
    );
  });

  it.each<[string, number, BpfInstruction[]]>([
    ['empty_section', 0, []],
    ['too_many', 0, Array.from({ length: 4097 }, () => load)],
    ['bpf_opcode', 0, [{ ...load, code: 0x28 }, allow]],
    ['bpf_load', 0, [{ ...load, k: 6 }, allow]],
    ['bpf_load', 0, [{ ...load, k: 64 }, allow]],
    ['bpf_operand', 0, [{ ...load, jf: 1 }, allow]],
    ['bpf_operand', 0, [{ ...allow, jt: 1 }]],
    ['bpf_operand', 0, [{ code: BPF.JA, jt: 1, jf: 0, k: 0 }, allow]],
    ['bpf_jump', 0, [{ code: BPF.JA, jt: 0, jf: 0, k: 0xffff_ffff }, allow]],
    ['bpf_jump', 0, [{ code: BPF.JEQ_K, jt: 0, jf: 1, k: 0 }, allow]],
    ['bpf_unreachable', 1, [{ code: BPF.JA, jt: 0, jf: 0, k: 1 }, allow, allow]],
    ['bpf_unreachable', 1, [allow, allow]],
    ['bpf_no_return', 1, [load, load]],
    ['bpf_action', 0, [{ ...allow, k: SECCOMP_RET.ERRNO }]],
    ['bpf_action', 0, [log]],
  ])('says %s at instruction %i', (reason, index, filter) => {
    expect(checkFilter(filter, false)).toEqual({ index, reason });
  });
});
