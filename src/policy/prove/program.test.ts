import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryFilter, arbitraryInput } from '../../../test/plan/arbitrary-filter.js';
import { BPF, SECCOMP_DATA } from '../../plan/bpf/opcodes.js';
import { simulate } from '../../plan/bpf/simulate.js';
import type { BpfInstruction } from '../../plan/plan.js';
import { Diagrams } from './diagrams.js';
import { longestPathOf, pathsOf } from './paths.js';
import { programDiagram } from './program.js';
import { givenWord } from './words.js';

type Input = typeof arbitraryInput extends fc.Arbitrary<infer Value> ? Value : never;

function answer(diagrams: Diagrams, diagram: number, { arch, nr, args, instructionPointer }: Input) {
  const half = (value: bigint, isHigh: boolean) => Number((isHigh ? value >> 32n : value) & 0xffff_ffffn);
  const words: [number, number][] = [
    [SECCOMP_DATA.arch, arch],
    [SECCOMP_DATA.nr, nr],
    ...args.flatMap((value, index): [number, number][] => [
      [SECCOMP_DATA.argHigh(index), half(value, true)],
      [SECCOMP_DATA.argLow(index), half(value, false)],
    ]),
    [SECCOMP_DATA.instructionPointer + 4, half(instructionPointer, true)],
    [SECCOMP_DATA.instructionPointer, half(instructionPointer, false)],
  ];
  const end = words.reduce((rest, [offset, value]) => givenWord(diagrams, rest, offset, value), diagram);
  return diagrams.valueOf(end);
}

const load: BpfInstruction = { code: BPF.LD_W_ABS, jt: 0, jf: 0, k: 0 };
const allow: BpfInstruction = { code: BPF.RET_K, jt: 0, jf: 0, k: 0x7fff_0000 };

describe('a filter as a diagram', () => {
  it('answers what the simulator answers', () => {
    const inputs = fc.array(arbitraryInput, { minLength: 30, maxLength: 30 });
    fc.assert(
      fc.property(arbitraryFilter(true), inputs, (filter, events) => {
        const diagrams = new Diagrams();
        const diagram = programDiagram(diagrams, filter);
        for (const event of events) expect(answer(diagrams, diagram, event)).toBe(simulate(filter, event).action);
      }),
      { numRuns: 300 },
    );
  });

  it('knows an accumulator that nothing was loaded into, and masks upon masks', () => {
    const diagrams = new Diagrams();
    const compare = { code: BPF.JEQ_K, jt: 0, jf: 1, k: 0 };
    const kill = { ...allow, k: 0x8000_0000 };
    expect(programDiagram(diagrams, [compare, allow, kill])).toBe(diagrams.constant(allow.k));
    const masks = [0xff, 0xf00].map((k) => ({ ...load, code: BPF.AND_K, k }));
    expect(programDiagram(diagrams, [load, ...masks, compare, allow, kill])).toBe(diagrams.constant(allow.k));
  });
});

describe('the ways through a filter', () => {
  it('are counted, and the longest one is measured', () => {
    const compare = { code: BPF.JEQ_K, jt: 0, jf: 1, k: 0 };
    expect(pathsOf([allow])).toEqual({ longest: 1, count: 1n });
    expect(pathsOf([load, compare, { ...allow, k: 1 }, load, allow])).toEqual({ longest: 4, count: 2n });
  });

  it('are fewer for one call, whose number is known', () => {
    const isSeven = { code: BPF.JEQ_K, jt: 0, jf: 3, k: 7 };
    const argument = { ...load, k: SECCOMP_DATA.argLow(0) };
    const filter = [load, isSeven, argument, { ...isSeven, jt: 1, jf: 0 }, allow, allow];
    expect(longestPathOf(filter, 0, [7, 8])).toEqual([5, 3]);
  });

  it('of one call are as long as any that the simulator takes', () => {
    fc.assert(
      fc.property(arbitraryFilter(true), arbitraryInput, (filter, event) => {
        const [longest] = longestPathOf(filter, event.arch, [event.nr]);
        expect(longest).toBeGreaterThanOrEqual(simulate(filter, event).trace.length);
        expect(longest).toBeLessThanOrEqual(pathsOf(filter).longest);
      }),
      { numRuns: 300 },
    );
  });
});
