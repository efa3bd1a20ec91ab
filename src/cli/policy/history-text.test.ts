import { expect, it } from 'vitest';
import type { PolicyGeneration } from '../../protocol/messages.gen.js';
import { changesText, historyText } from './history-text.js';

const generation = (number: number, rest: Partial<PolicyGeneration>): PolicyGeneration => ({
  number,
  time: '2026-07-01T12:00:00.000Z',
  act: 'change',
  author: null,
  message: null,
  digest: `sha256:${'0'.repeat(64)}`,
  changes: [],
  ...rest,
});

it('generations are shown with who made them, and a star at the one that serves', () => {
  const generations = [
    generation(12, { author: { uid: 7, name: 'ann' }, message: 'as\u001b[31m asked' }),
    generation(11, { author: { uid: 8, name: null } }),
    generation(10, { changes: [{ policy: 'mine', relation: 'wider' }] }),
    generation(9, { act: 'start', changes: null }),
  ];
  const time = '2026-07-01T12:00:00.000Z';
  expect(historyText({ serving: 11, generations, problems: [] })).toEqual([
    'generation  time                      made                          policies      message',
    ` 12         ${time}  change by ann                 unchanged     as\\u{1b}[31m asked`,
    `*11         ${time}  change by uid 8               unchanged`,
    ` 10         ${time}  change by the policy folders  mine wider`,
    ` 9          ${time}  start by the daemon           not compared`,
  ]);
});

it('of many policies the first ones are named', () => {
  const changes = ['a', 'b', 'c', 'd', 'e'].map((policy) => ({ policy, relation: 'added' }) as const);
  expect(changesText(changes)).toBe('a added, b added, c added and 2 more');
});
