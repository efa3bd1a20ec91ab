import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/probe/verdict.js';
import type { Case } from './case.js';
import { cellOf, findingsOf, groupsOf, matrixOf } from './matrix.js';
import type { ProbeResult } from './suite.js';

const probe = (layers: readonly string[], attemptLayers?: Case['attemptLayers']): Case => {
  return { id: 'A01', title: 'something is tried', origin: 'x', layers, ...(attemptLayers && { attemptLayers }) };
};

const attempts = (outcomes: Readonly<Record<string, Outcome>>) => {
  return Object.entries(outcomes).map(([name, outcome]) => ({ name, outcome, detail: 'seen' }));
};

const result = (outcomes: Readonly<Record<string, Outcome>>): ProbeResult => {
  const name = { id: 'A01', class: 'A', title: 'x', account: 'root', place: 'fresh', policy: 'python' } as const;
  return { ...name, outcome: 'BLOCKED', attempts: attempts(outcomes), ms: 1 };
};

const finding = (layers: readonly string[], without: string, outcome: Outcome) =>
  findingsOf(probe(layers), without, result({ one: 'BLOCKED', other: outcome }));

describe('what comes of a probe without a layer', () => {
  it.each([
    ['a single layer, it falls', ['seccomp'], 'seccomp', 'ESCAPED', undefined],
    ['a single layer, it holds', ['seccomp'], 'seccomp', 'BLOCKED', /something else stops it/],
    ['another single layer, it holds', ['seccomp'], 'landlock', 'NO_EFFECT', undefined],
    ['another single layer, it falls', ['seccomp'], 'landlock', 'ESCAPED', /no other layer stops it/],
    ['several, it holds', ['seccomp', 'landlock'], 'seccomp', 'BLOCKED', undefined],
    ['several, it falls', ['seccomp', 'landlock'], 'landlock', 'ESCAPED', /no other layer stops it/],
    ['whatever, nothing can be said', ['seccomp', 'landlock'], 'capabilities', 'BROKEN', /nothing can be said/],
  ] as const)('the case names %s', (_, layers, without, outcome, expected) => {
    const found = finding(layers, without, outcome);
    expect(found).toHaveLength(expected === undefined ? 0 : 1);
    if (expected !== undefined) expect(found[0]).toMatch(expected);
  });

  it('a skipped probe says nothing', () => {
    expect(findingsOf(probe(['seccomp']), 'seccomp', { ...result({}), outcome: 'SKIPPED' })).toEqual([]);
    expect(cellOf(attempts({ policy: 'SKIPPED' })).fate).toBe('skipped');
    expect(cellOf(attempts({ policy: 'SKIPPED', one: 'ESCAPED' })).fate).toBe('falls');
  });

  it('one attempt that got through is enough', () => {
    expect(cellOf(attempts({ one: 'BLOCKED', two: 'BROKEN', three: 'ESCAPED' }))).toMatchObject({
      fate: 'falls',
      details: ['three: seen'],
    });
  });
});

describe('attempts with layers of their own', () => {
  const split = probe(['seccomp', 'landlock'], { 'stat of *': ['mount_namespace'], one: ['seccomp'] });

  it('are groups of their own, with what the runner adds in the case’s', () => {
    const groups = groupsOf(
      split,
      attempts({ one: 'BLOCKED', 'stat of /x': 'BLOCKED', 'stat of /y': 'BLOCKED', host: 'ESCAPED' }),
    );
    expect(groups.map(({ layers, attempts: own }) => [layers.join(), own.map(({ name }) => name).join()])).toEqual([
      ['seccomp', 'one'],
      ['mount_namespace', 'stat of /x,stat of /y'],
      ['seccomp,landlock', 'host'],
    ]);
  });

  it('are judged by them', () => {
    const seen = { one: 'ESCAPED', two: 'BLOCKED', 'stat of /x': 'BLOCKED' } as const;
    expect(findingsOf(split, 'seccomp', result(seen))).toEqual([]);
    expect(findingsOf(split, 'mount_namespace', result(seen))).toHaveLength(2);
  });
});

describe('the matrix', () => {
  const runs = [
    { layer: 'seccomp', results: [result({ one: 'ESCAPED' })] },
    { layer: 'landlock', results: [result({ one: 'BLOCKED' })] },
  ];
  const classes = [{ class: 'A', title: 'x', cases: [probe(['seccomp'])] }];

  it('has a row for each set of layers, and a cell for each layer that was left out', () => {
    const { rows, findings } = matrixOf(classes, runs);
    expect(findings).toEqual([]);
    expect(rows).toHaveLength(1);
    expect(rows[0]?.cells['seccomp']?.fate).toBe('falls');
    expect(rows[0]?.cells['landlock']?.fate).toBe('holds');
  });

  it('names the layers that no probe needs', () => {
    expect(matrixOf(classes, runs).unneeded).toEqual(['landlock']);
  });
});
