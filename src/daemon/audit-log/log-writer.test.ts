import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JOB } from '../../../test/audit-log/sample-log.js';
import { eventually } from '../../../test/harness/wait.js';
import { pendingRecord } from '../../audit-log/chain.js';
import { fullFilesOf } from '../../audit-log/files.js';
import { LineSplitter } from '../../audit-log/lines.js';
import type { AuditRecord } from '../../audit-log/record.js';
import { ChainVerifier } from '../../audit-log/verify.js';
import { findEnd } from './find-end.js';
import { LogWriter, type LogWriterOptions } from './log-writer.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leeward-audit-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const problems: (string | undefined)[] = [];
const kept: unknown[] = [];
beforeEach(() => {
  problems.length = 0;
  kept.length = 0;
});

function writer(options: Partial<LogWriterOptions> = {}): LogWriter {
  return new LogWriter({
    folder,
    end: findEnd(folder),
    fsync: 'interval',
    maxSize: 1 << 20,
    keep: 3,
    onProblem: (problem) => problems.push(problem),
    onKept: (error) => kept.push(error),
    retryMs: 10,
    ...options,
  });
}

const job = (number: number) => pendingRecord({ ...JOB, job_id: `job${number}` }, new Date());
const current = () => join(folder, 'audit.ndjson');
const logFiles = () =>
  [...fullFilesOf(readdirSync(folder)), 'audit.ndjson'].filter((name) => existsSync(join(folder, name)));

function records(): AuditRecord[] {
  return logFiles().flatMap((name) =>
    readFileSync(join(folder, name), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
}

function findings(): readonly string[] {
  const verifier = new ChainVerifier({ whole: true });
  for (const name of logFiles()) {
    const splitter = new LineSplitter();
    verifier.beginFile(name, name);
    for (const line of splitter.push(readFileSync(join(folder, name)))) verifier.line(line);
    verifier.endFile(splitter.rest);
  }
  return verifier.end().findings.map(({ file, line, problem }) => `${file}:${line}: ${problem}`);
}

const jobsOf = (all: readonly AuditRecord[]) => all.flatMap((record) => (record.kind === 'job' ? [record.job_id] : []));
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('records', () => {
  it('are written in the order in which they came, in one chain', async () => {
    const log = writer();
    for (const number of numbers(50)) log.append(job(number));
    await log.written();
    for (const number of numbers(50)) log.append(job(50 + number));
    await log.close();
    expect(jobsOf(records())).toEqual(numbers(100).map((number) => `job${number}`));
    expect(findings()).toEqual([]);
    expect(log.head).toMatchObject({ sequence: 100, hash: records().at(-1)?.hash });
  });

  it('are for the daemon’s user and its group alone', async () => {
    const log = writer();
    log.append(job(1));
    await log.close();
    expect(statSync(current()).mode & 0o037).toBe(0);
  });

  it.each(['never', 'interval', 'always'] as const)('are all there after the end with fsync %s', async (fsync) => {
    const log = writer({ fsync });
    for (const number of numbers(5)) log.append(job(number));
    await log.close();
    expect(jobsOf(records())).toHaveLength(5);
  });

  it('are waited for by those who need them, not by whoever comes later', async () => {
    const log = writer({ fsync: 'always' });
    log.append(job(0));
    let isWritten = false;
    const written = log.written().then(() => {
      isWritten = true;
    });
    // As long as there are always new ones, nothing but the first has to be written.
    let later = 0;
    while (!isWritten && later < 10_000) {
      log.append(job(++later));
      await new Promise(setImmediate);
    }
    await written;
    expect(later).toBeLessThan(10_000);
    expect(jobsOf(records())).toContain('job0');
    await log.close();
    expect(jobsOf(records())).toHaveLength(later + 1);
  });

  it('go on after another daemon’s', async () => {
    for (const number of numbers(3)) {
      const log = writer();
      log.append(job(number));
      await log.close();
    }
    expect(records().map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(findings()).toEqual([]);
  });
});

describe('files', () => {
  const fill = async (log: LogWriter, count: number, from = 0) => {
    for (const number of numbers(count)) {
      log.append(job(from + number));
      await log.written();
    }
  };

  it('follow each other at a size, and the chain goes on', async () => {
    const log = writer({ maxSize: 8 << 10, keep: 100 });
    await fill(log, 20);
    await log.close();
    expect(logFiles().length).toBeGreaterThan(3);
    for (const name of logFiles()) expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(8 << 10);
    expect(jobsOf(records())).toHaveLength(20);
    expect(records().filter(({ kind }) => kind === 'log_rotated')).toHaveLength(logFiles().length - 1);
    expect(findings()).toEqual([]);
  });

  it.each([0, 1, 2])('beyond %i full ones are removed, and the log says so', async (keep) => {
    const log = writer({ maxSize: 8 << 10, keep });
    await fill(log, 30);
    await log.close();
    expect(fullFilesOf(readdirSync(folder))).toHaveLength(keep);
    expect(records()[0]?.sequence).toBeGreaterThan(1);
    expect(findings()).toEqual([]);
    expect(kept).toEqual([]);
  });

  it('stay when the next one does not say what it follows', async () => {
    const log = writer({ maxSize: 8 << 10, keep: 2 });
    await fill(log, 9);
    const [, newest = ''] = fullFilesOf(readdirSync(folder));
    truncateSync(join(folder, newest), 0);
    for (let number = 9; kept.length === 0; number++) await fill(log, 1, number);
    await log.close();
    expect(String(kept[0])).toContain(`the first line of ${join(folder, newest)} is no record`);
    expect(fullFilesOf(readdirSync(folder))).toHaveLength(3);
  });

  it('larger than a file are records alone in one', async () => {
    const log = writer({ maxSize: 100, keep: 100 });
    await fill(log, 3);
    await log.close();
    expect(jobsOf(records())).toHaveLength(3);
    expect(findings()).toEqual([]);
  });

  it('go on where a daemon was killed between two', async () => {
    const first = writer({ maxSize: 8 << 10 });
    await fill(first, 2);
    await first.close();
    renameSync(current(), join(folder, 'audit-0000000000000001.ndjson'));
    const second = writer({ maxSize: 8 << 10 });
    await fill(second, 2, 2);
    await second.close();
    expect(jobsOf(records())).toEqual(['job0', 'job1', 'job2', 'job3']);
    expect(findings()).toEqual([]);
  });
});

describe('a log that cannot be written', () => {
  it('says why once, keeps what comes, and writes it when it can', async () => {
    const log = writer();
    log.append(job(0));
    await log.written();
    renameSync(current(), join(folder, 'away'));
    for (const number of numbers(3)) log.append(job(1 + number));
    await log.written();
    expect(log.problem?.reason).toContain('was moved, removed or replaced');
    renameSync(join(folder, 'away'), current());
    await eventually('it is written again', 2000, () => log.problem === undefined);
    await log.close();
    expect(problems).toEqual([expect.stringContaining('audit.ndjson'), undefined]);
    expect(jobsOf(records())).toEqual(['job0', 'job1', 'job2', 'job3']);
    expect(findings()).toEqual([]);
  });

  it.each([
    ['cut', () => truncateSync(current(), 10)],
    ['written by somebody else', () => appendFileSync(current(), 'x')],
    [
      'replaced',
      () => {
        renameSync(current(), join(folder, 'away'));
        writeFileSync(current(), '');
      },
    ],
  ])('is one that was %s', async (_name, change) => {
    const log = writer();
    log.append(job(0));
    await log.written();
    change();
    log.append(job(1));
    await log.written();
    expect(log.problem?.reason).toMatch(/was moved, removed or replaced|was changed: it has \d+ bytes, not \d+/);
    await log.close();
  });

  it('loses what memory is not kept for, and says how much', async () => {
    const log = writer({ maxWaiting: 8 << 10 });
    log.append(job(0));
    await log.written();
    renameSync(current(), join(folder, 'away'));
    for (const number of numbers(20)) log.append(job(1 + number));
    await log.written();
    renameSync(join(folder, 'away'), current());
    await eventually('it is written again', 2000, () => log.problem === undefined);
    log.append(job(99));
    await log.close();
    const gap = records().find((record) => record.kind === 'log_gap');
    const written = jobsOf(records());
    expect(gap).toMatchObject({ lost: 22 - written.length });
    expect(written.at(-1)).toBe('job99');
    expect(findings()).toEqual([]);
  });

  it('ends without what was not written', async () => {
    const log = writer();
    mkdirSync(current());
    log.append(job(0));
    await log.close();
    expect(problems).toEqual([expect.stringContaining('audit.ndjson')]);
  });
});

describe('the end of a log', () => {
  const write = async (count: number) => {
    const log = writer();
    for (const number of numbers(count)) log.append(job(number));
    await log.close();
  };

  it('is nothing in an empty folder', () => {
    expect(findEnd(folder)).toEqual({ head: { sequence: 0, hash: null }, first: 1, after: 'nothing', torn: null });
  });

  it('is its last record, before which a crash is known', async () => {
    await write(2);
    expect(findEnd(folder)).toMatchObject({ head: { sequence: 2 }, first: 1, after: 'crash', torn: null });
    const log = writer();
    log.append(pendingRecord({ kind: 'daemon_stopped' }, new Date()));
    await log.close();
    expect(findEnd(folder)).toMatchObject({ head: { sequence: 3 }, after: 'stop' });
  });

  it('loses half a line, which is kept beside it', async () => {
    await write(2);
    const whole = readFileSync(current());
    truncateSync(current(), whole.length - 7);
    const { head, torn } = findEnd(folder);
    expect(head.sequence).toBe(1);
    const line = whole.subarray(whole.indexOf('\n') + 1, -7);
    expect(torn).toMatchObject({ bytes: line.length });
    expect(readFileSync(join(folder, torn?.file ?? ''))).toEqual(line);
    await write(1);
    expect(findings()).toEqual([]);
    expect(records()).toHaveLength(2);
  });

  it('loses what a power failure has filled with zeros', async () => {
    await write(1);
    appendFileSync(current(), Buffer.alloc(200_000));
    expect(findEnd(folder).torn).toMatchObject({ bytes: 200_000 });
    expect(findings()).toEqual([]);
  });

  it('is in no file whose last line is no record', async () => {
    await write(2);
    const text = readFileSync(current(), 'utf8');
    writeFileSync(current(), text.replace('"job_id":"job1"', '"job_id":"job7"'));
    expect(() => findEnd(folder)).toThrow(/the last line of .*audit\.ndjson is no record: its hash is not that/);
  });

  it('is in no folder or link', async () => {
    await write(1);
    renameSync(current(), join(folder, 'elsewhere'));
    symlinkSync('elsewhere', current());
    expect(() => findEnd(folder)).toThrow('ELOOP');
    rmSync(current());
    mkdirSync(current());
    expect(() => findEnd(folder)).toThrow('EISDIR');
  });
});
