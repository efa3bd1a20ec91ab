import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EVENTS, sampleLog } from '../../../test/audit-log/sample-log.js';
import { fullFileName } from '../../audit-log/files.js';
import { findLog } from './log-files.js';
import { queryLog } from './query.js';
import { shownRecord } from './read-records.js';
import { followLog, tailLog } from './tail.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leeward-audit-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const path = (name: string) => join(folder, name);
const current = () => path('audit.ndjson');
const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index}\n`).join('');

async function all(lines: AsyncIterable<Buffer | undefined>): Promise<string[]> {
  const found: string[] = [];
  for await (const line of lines) found.push(String(line));
  return found;
}

describe('the last lines', () => {
  beforeEach(() => {
    writeFileSync(path(fullFileName(1)), numbered(1, 4));
    writeFileSync(path(fullFileName(4)), numbered(4, 6));
    writeFileSync(current(), `${numbered(6, 9)}half`);
  });

  it.each([
    [0, []],
    [1, [8]],
    [3, [6, 7, 8]],
    [4, [5, 6, 7, 8]],
    [6, [3, 4, 5, 6, 7, 8]],
    [100, [1, 2, 3, 4, 5, 6, 7, 8]],
  ])('%i of them are of all files', async (count, expected) => {
    expect(await all(tailLog(folder, count))).toEqual(expected.map((number) => `line ${number}`));
  });

  it('are those of full files where no other has begun', async () => {
    rmSync(current());
    expect(await all(tailLog(folder, 2))).toEqual(['line 4', 'line 5']);
  });
});

describe('a log that is followed', () => {
  let skipped: number;
  let followed: AsyncGenerator<Buffer | undefined>;
  const take = async (count: number) => {
    const found: string[] = [];
    while (found.length < count) found.push(String((await followed.next()).value));
    return found;
  };
  const rotate = (first: number) => renameSync(current(), path(fullFileName(first)));

  beforeEach(async () => {
    skipped = 0;
    writeFileSync(current(), numbered(1, 3));
    followed = followLog(folder, 1, () => skipped++);
    expect(await take(1)).toEqual(['line 2']);
  });
  afterEach(() => followed.return(undefined));

  it('goes on with what comes, in whole lines', async () => {
    appendFileSync(current(), 'line 3\nli');
    expect(await take(1)).toEqual(['line 3']);
    const next = take(1);
    appendFileSync(current(), 'ne 4\n');
    expect(await next).toEqual(['line 4']);
  });

  it('goes on over files that begin meanwhile', async () => {
    appendFileSync(current(), 'line 3\n');
    rotate(1);
    writeFileSync(current(), numbered(4, 6));
    rotate(4);
    writeFileSync(current(), numbered(6, 7));
    expect(await take(4)).toEqual(['line 3', 'line 4', 'line 5', 'line 6']);
    appendFileSync(current(), 'line 7\n');
    expect(await take(1)).toEqual(['line 7']);
    expect(skipped).toBe(0);
  });

  it('says when files were removed that it has not read', async () => {
    rotate(1);
    rmSync(path(fullFileName(1)));
    writeFileSync(current(), numbered(9, 10));
    expect(await take(1)).toEqual(['line 9']);
    expect(skipped).toBe(1);
  });
});

describe('records that are looked for', () => {
  it('come oldest first, and a line that is none is told with its place', async () => {
    const { lines } = sampleLog(EVENTS);
    writeFileSync(path(fullFileName(1)), lines.slice(0, 3).join(''));
    writeFileSync(current(), `${lines.slice(3).join('')}nonsense\n${lines[2]?.replace('"bytes":11', '"bytes":12')}`);
    const after = lines.length - 2;
    const bad: string[] = [];
    const found: number[] = [];
    const log = queryLog(await findLog([], folder), { kinds: ['job', 'refused'] }, (problem) => bad.push(problem));
    for await (const { record } of log) found.push(record.sequence);
    expect(found).toEqual([3, 4]);
    expect(bad).toEqual([
      `${current()}:${after}: it is not a JSON object`,
      `${current()}:${after + 1}: its hash is not that of its bytes: the line was changed`,
    ]);
  });

  it('are shown as they are written', () => {
    const [line = ''] = sampleLog(EVENTS).lines;
    expect(shownRecord(Buffer.from(line.trimEnd()), () => {})?.line).toBe(line.trimEnd());
    expect(shownRecord(undefined, () => {})).toBeUndefined();
  });
});
