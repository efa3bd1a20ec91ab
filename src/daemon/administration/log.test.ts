import { beforeEach, expect, it } from 'vitest';
import { violationOf } from '../../protocol/request-schema.js';
import { KeptLines } from '../log/kept-lines.js';
import { readLog } from './log.js';

const JOB = '1kw74zh00001';
let kept: KeptLines;

beforeEach(() => {
  kept = new KeptLines(6);
  for (const [level, msg] of [
    [30, 'a'],
    [50, 'b'],
    [30, 'c'],
    [40, 'd'],
    [30, 'e'],
    [30, 'f'],
  ] as const)
    kept.write(`${JSON.stringify({ level, ...(msg === 'c' || msg === 'd' ? { job: JOB } : {}), msg })}\n`);
});

function read(request: Omit<Parameters<typeof readLog>[1], 'type'> = {}) {
  const result = readLog(kept, { type: 'LogRead', ...request });
  expect(violationOf('LogReadResult', result)).toBeUndefined();
  return { ...result, lines: result.lines.map((line) => JSON.parse(line).msg).join('') };
}

it('gives the last lines, and from where to go on', () => {
  expect(read()).toEqual({ lines: 'abcdef', next: 6, missed: 0 });
  expect(read({ limit: 2 })).toEqual({ lines: 'ef', next: 6, missed: 0 });
  expect(read({ after: 6 })).toEqual({ lines: '', next: 6, missed: 0 });
});

it('gives what has come since, without leaving any out where a limit cuts', () => {
  expect(read({ after: 2, limit: 3 })).toEqual({ lines: 'cde', next: 5, missed: 0 });
  expect(read({ after: 5, limit: 3 })).toEqual({ lines: 'f', next: 6, missed: 0 });
});

it('gives those of a level and above, and those about a job', () => {
  expect(read({ level: 'warn' })).toEqual({ lines: 'bd', next: 6, missed: 0 });
  expect(read({ job: JOB })).toEqual({ lines: 'cd', next: 6, missed: 0 });
  expect(read({ job: JOB, level: 'warn', after: 0 })).toEqual({ lines: 'd', next: 6, missed: 0 });
  expect(read({ level: 'warn', after: 0, limit: 1 })).toEqual({ lines: 'b', next: 2, missed: 0 });
});

it('says how many lines are gone that nobody has read', () => {
  for (const msg of 'ghij') kept.write(`${JSON.stringify({ level: 30, msg })}\n`);
  expect(read({ after: 1 })).toEqual({ lines: 'efghij', next: 10, missed: 3 });
  expect(read()).toMatchObject({ lines: 'efghij', missed: 0 });
});
