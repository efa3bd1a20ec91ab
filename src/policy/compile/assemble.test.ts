import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkFilter } from '../../plan/bpf/check.js';
import { SECCOMP_DATA, SECCOMP_RET } from '../../plan/bpf/opcodes.js';
import { simulate } from '../../plan/bpf/simulate.js';
import { assemble } from './assemble.js';
import { FilterGraph, type FilterNode } from './filter-graph.js';

const { ALLOW, KILL_PROCESS, ERRNO } = SECCOMP_RET;

/** A chain of comparisons of the number: `values[i]` gives errno i + 1, all else is killed. */
function chain(graph: FilterGraph, values: readonly number[], last: FilterNode): FilterNode {
  const next = values.reduceRight(
    (rest, value, index) => graph.equal(value, graph.returns(ERRNO + index + 1), rest),
    last,
  );
  return graph.load(SECCOMP_DATA.nr, next);
}

function answer(root: FilterNode, nr: number): number {
  const { filter } = assemble(root);
  expect(checkFilter(filter, false)).toBeUndefined();
  return simulate(filter, { arch: 0, nr }).action;
}

describe('a graph laid out as a program', () => {
  it('has one instruction for equal parts', () => {
    const graph = new FilterGraph();
    const root = graph.load(
      0,
      graph.equal(1, graph.returns(ALLOW), graph.equal(2, graph.returns(ALLOW), graph.returns(ALLOW))),
    );
    expect(assemble(root).filter.length).toBe(2);
  });

  it('reaches targets that are farther than a jump', () => {
    const graph = new FilterGraph();
    const values = Array.from({ length: 900 }, (_, index) => index * 2);
    const root = chain(graph, values, graph.returns(KILL_PROCESS));
    const { filter } = assemble(root);
    expect(checkFilter(filter, false)).toBeUndefined();
    for (const [index, nr] of values.entries())
      expect(simulate(filter, { arch: 0, nr }).action).toBe(ERRNO + index + 1);
    expect(simulate(filter, { arch: 0, nr: 1 }).action).toBe(KILL_PROCESS);
  });

  it('writes no return that only distant jumps need where none of them reaches it', () => {
    const graph = new FilterGraph();
    const values = Array.from({ length: 300 }, (_, index) => index + 10);
    const numbers = chain(graph, values, graph.returns(ALLOW));
    const root = graph.load(SECCOMP_DATA.arch, graph.equal(7, numbers, graph.returns(KILL_PROCESS)));
    const { filter } = assemble(root);
    expect(checkFilter(filter, false)).toBeUndefined();
    expect(simulate(filter, { arch: 8, nr: 10 }).action).toBe(KILL_PROCESS);
    expect(simulate(filter, { arch: 7, nr: 10 }).action).toBe(ERRNO + 1);
  });

  it('reaches a distant part that is not a return', () => {
    const graph = new FilterGraph();
    const far = graph.load(SECCOMP_DATA.arch, graph.equal(7, graph.returns(ALLOW), graph.returns(KILL_PROCESS)));
    const values = Array.from({ length: 300 }, (_, index) => index);
    const root = graph.load(SECCOMP_DATA.nr, graph.atLeast(5000, far, chain(graph, values, far)));
    const { filter } = assemble(root);
    expect(checkFilter(filter, false)).toBeUndefined();
    expect(simulate(filter, { arch: 7, nr: 6000 }).action).toBe(ALLOW);
    expect(simulate(filter, { arch: 8, nr: 6000 }).action).toBe(KILL_PROCESS);
    expect(simulate(filter, { arch: 7, nr: 4000 }).action).toBe(ALLOW);
    expect(simulate(filter, { arch: 7, nr: 299 }).action).toBe(ERRNO + 300);
  });

  it.each([253, 254, 255, 256, 257, 258])('is right at the edge of a jump (%i in between)', (length) => {
    const graph = new FilterGraph();
    const values = Array.from({ length }, (_, index) => index + 10);
    const both = graph.atLeast(1_000_000, graph.returns(ALLOW), chain(graph, values, graph.returns(KILL_PROCESS)));
    const root = graph.load(SECCOMP_DATA.nr, both);
    expect(answer(root, 1_000_001)).toBe(ALLOW);
    expect(answer(root, 5)).toBe(KILL_PROCESS);
    expect(answer(root, 10)).toBe(ERRNO + 1);
    expect(answer(root, 9 + length)).toBe(ERRNO + length);
  });

  it('means what the graph means', () => {
    // A graph is built from a list of decisions, each leading to two of those before it.
    const decisions = fc.array(fc.record({ k: fc.nat(40), kind: fc.nat(3), a: fc.nat(), b: fc.nat() }), {
      maxLength: 600,
    });
    fc.assert(
      fc.property(decisions, fc.array(fc.nat(45), { minLength: 5, maxLength: 5 }), (steps, numbers) => {
        const graph = new FilterGraph();
        const nodes: FilterNode[] = [graph.returns(ALLOW), graph.returns(KILL_PROCESS)];
        for (const { k, kind, a, b } of steps) {
          const [yes, no] = [nodes[a % nodes.length] as FilterNode, nodes[b % nodes.length] as FilterNode];
          const make = [graph.equal, graph.above, graph.atLeast, graph.anyBit][kind] as typeof graph.equal;
          nodes.push(make.call(graph, k, yes, no));
        }
        const root = graph.load(SECCOMP_DATA.nr, nodes.at(-1) as FilterNode);
        const { filter } = assemble(root);
        expect(checkFilter(filter, false)).toBeUndefined();
        for (const nr of numbers) expect(simulate(filter, { arch: 0, nr }).action).toBe(walk(root, nr));
      }),
      { numRuns: 100 },
    );
  });
});

function walk(root: FilterNode, nr: number): number {
  for (let node = root; ; ) {
    if (node.kind === 'return') return node.value;
    if (node.kind !== 'jump') node = node.next;
    else node = TAKEN[node.code]?.(nr, node.k) ? node.ifTrue : node.ifFalse;
  }
}

const TAKEN: Readonly<Record<number, (nr: number, k: number) => boolean>> = {
  21: (nr, k) => nr === k,
  37: (nr, k) => nr > k,
  53: (nr, k) => nr >= k,
  69: (nr, k) => (nr & k) !== 0,
};
