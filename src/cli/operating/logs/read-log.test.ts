import { expect, it } from 'vitest';
import type { LogReadResult } from '../../../protocol/messages.gen.js';
import { type LogOptions, readLog } from './read-log.js';

/** What is read until the answers are used up; the questions, and what was missed. */
async function readAll(options: LogOptions, answers: LogReadResult[]) {
  const [lines, asked, missed]: [string[], object[], number[]] = [[], [], []];
  const log = async (request: object): Promise<LogReadResult> => {
    asked.push(request);
    const answer = answers.shift();
    if (answer === undefined) throw new Error('used up');
    return answer;
  };
  const read = readLog(
    { log },
    options,
    (count) => missed.push(count),
    async () => {},
  );
  try {
    for await (const line of read) lines.push(line);
  } catch (error) {
    if ((error as Error).message !== 'used up') throw error;
  }
  return { lines, asked, missed };
}

it('gives the last lines that fit, and ends', async () => {
  const answers = [
    { lines: ['a', 'b'], next: 7, missed: 0 },
    { lines: ['c'], next: 8, missed: 0 },
  ];
  expect(await readAll({ count: 2, follow: false, level: 'warn', job: '1kw74zh00001' }, answers)).toEqual({
    lines: ['a', 'b'],
    asked: [{ level: 'warn', job: '1kw74zh00001', limit: 2 }],
    missed: [],
  });
});

it('goes on from where it was, and says what it has missed', async () => {
  const answers = [
    { lines: ['a'], next: 7, missed: 0 },
    { lines: [], next: 9, missed: 0 },
    { lines: ['d'], next: 20, missed: 8 },
  ];
  const { lines, asked, missed } = await readAll({ count: 1, follow: true }, answers);
  expect([lines, missed]).toEqual([['a', 'd'], [8]]);
  expect(asked.slice(1, 3)).toEqual([
    { after: 7, limit: 4096 },
    { after: 9, limit: 4096 },
  ]);
});

it('can begin with what comes', async () => {
  const answers = [
    { lines: ['old'], next: 7, missed: 0 },
    { lines: ['new'], next: 8, missed: 0 },
  ];
  expect((await readAll({ count: 0, follow: true }, answers)).lines).toEqual(['new']);
});
