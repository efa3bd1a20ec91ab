import { expect, it } from 'vitest';
import type { Diagnostic } from '../../errors/diagnostic.js';
import type { ChangeOutcome } from '../policies/store/changer.js';
import { changeResult } from './change-result.js';

const OUTCOME: ChangeOutcome = {
  base: 1,
  baseDigest: '',
  generation: 2,
  digest: '',
  files: [],
  policies: [],
  findings: [],
};
const place = { line: 1, col: 1, offset: 0 };

const finding = (message: string): Diagnostic => ({
  ...{ severity: 'warning', code: 'LW-P012', message, file: 'mine.yaml', range: { start: place, end: place } },
});

it('an answer has the first findings, as many as there is room for, and says how many there are more', () => {
  const many = Array.from({ length: 600 }, (_, index) => finding(`finding ${index}`));
  expect(changeResult({ ...OUTCOME, findings: many })).toMatchObject({ more_findings: 0 });
  expect(changeResult({ ...OUTCOME, findings: many }).findings).toHaveLength(600);
  const large = Array.from({ length: 9 }, (_, index) => finding(`${index}`.repeat(1 << 20)));
  const { findings, more_findings: more } = changeResult({ ...OUTCOME, findings: large });
  expect([findings.length, findings[0]?.message[0], more]).toEqual([3, '0', 6]);
});

it('an answer names each policy, also where there is no room for what differs', () => {
  const side = { text: 'x'.repeat(3 << 20), origin: { file: 'mine.yaml', range: { start: place, end: place } } };
  const difference = { direction: 'wider', field: 'limits.pids', a: side, b: null };
  const comparison = { relation: 'wider', differences: [difference] };
  const policies = ['a', 'b'].map((policy) => ({ policy, relation: 'wider', comparison }));
  const result = changeResult({ ...OUTCOME, policies: policies as never });
  expect(result.policies.map(({ policy, differences, more }) => [policy, differences.length, more])).toEqual([
    ['a', 1, 0],
    ['b', 0, 1],
  ]);
});
