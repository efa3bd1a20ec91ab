import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EVENTS, JOB, sampleLog } from '../../../test/audit-log/sample-log.js';
import { fullFileName } from '../../audit-log/files.js';
import type { AuditEvent } from '../../audit-log/records.gen.js';
import { styleOf } from '../terminal/style.js';
import { findLog } from './log-files.js';
import { verificationExitCode, verificationJson, verificationNotes, verificationText, verifyLog } from './verify.js';

const PLAIN = styleOf({ isTTY: false, env: {} });
const first = sampleLog([EVENTS[0] as AuditEvent, JOB, JOB]);
const second = sampleLog([{ kind: 'log_rotated', file: fullFileName(1) }, JOB], first.head);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leeward-audit-'));
  write(fullFileName(1), first.lines);
  write('audit.ndjson', second.lines);
});
afterEach(() => rmSync(folder, { recursive: true }));

const path = (name: string) => join(folder, name);
const write = (name: string, lines: readonly string[]) => writeFileSync(path(name), lines.join(''));
const verify = async (named: readonly string[] = [], anchors: readonly string[] = []) => {
  return verifyLog(await findLog(named, folder), anchors);
};

describe('a whole log', () => {
  it('is told with its extent and its head', async () => {
    const verification = await verify();
    expect(verificationText(verification, PLAIN)).toEqual([
      'whole: 5 records in 2 files, 1 to 5, 2026-07-01T12:00:00.000Z to 2026-07-01T12:00:01.000Z',
      `head: 5 ${second.head.hash}`,
    ]);
    expect(verificationExitCode(verification)).toBe(0);
    expect(verificationJson(verification)).toMatchObject({
      whole: true,
      records: 5,
      head: { sequence: 5, hash: second.head.hash },
    });
  });

  it('may be named by its files, or its folder', async () => {
    expect((await verify([path(fullFileName(1)), path('audit.ndjson')])).records).toBe(5);
    expect((await verify([path('audit.ndjson')])).found).toBe(0);
    expect((await verify([folder])).records).toBe(5);
  });

  it('may be in the middle of a record', async () => {
    write('audit.ndjson', [...second.lines, '{"version":1']);
    expect(verificationNotes(await verify())).toEqual([
      expect.stringContaining('12 bytes of a record that is not whole'),
    ]);
  });
});

describe('a log that is not whole', () => {
  it('is told by file and line', async () => {
    write(fullFileName(1), first.lines.with(1, first.lines[1]?.replace('"exit_code":0', '"exit_code":1') ?? ''));
    const verification = await verify();
    expect(verificationText(verification, PLAIN)).toEqual([
      `${path(fullFileName(1))}:2: its hash is not that of its bytes: the line was changed`,
      'broken: 1 finding in 5 records in 2 files',
    ]);
    expect(verificationExitCode(verification)).toBe(1);
  });

  it('is one of whose files the first is gone, if it is a whole folder', async () => {
    rmSync(path(fullFileName(1)));
    expect(verificationText(await verify(), PLAIN)[0]).toBe(
      `${path('audit.ndjson')}: records before 4 are missing, and no record says that they were removed`,
    );
  });

  it('is one without a record that was noted', async () => {
    const anchor = `sha256:${'0'.repeat(64)}`;
    expect((await verify([], [anchor])).findings).toMatchObject([{ problem: `no record has the hash ${anchor}` }]);
    expect((await verify([], [first.head.hash ?? ''])).found).toBe(0);
  });

  it('has no more findings than people read', async () => {
    write(
      'audit.ndjson',
      Array.from({ length: 1000 }, () => 'x\n'),
    );
    const text = verificationText(await verify(), PLAIN);
    expect(text).toHaveLength(102);
    expect(text[100]).toBe('and 900 more');
  });

  it('cannot steer a terminal', async () => {
    write('audit.ndjson', ['{"version":1,"kind":"\\u001b[31m","sequence":4,"hash":"x"}\n']);
    expect(verificationText(await verify(), PLAIN).join('')).not.toContain('\u001b');
  });
});

describe('what cannot be read', () => {
  const remove = (...names: string[]) => names.map((name) => rmSync(path(name)));

  it('is an empty folder, or none', async () => {
    remove(fullFileName(1), 'audit.ndjson');
    await expect(verify()).rejects.toThrow(/^there is no audit log in/);
    await expect(findLog([], path('none'))).rejects.toThrow(/none does not exist$/);
  });

  it('is a link', async () => {
    remove('audit.ndjson');
    symlinkSync(path(fullFileName(1)), path('audit.ndjson'));
    await expect(verify()).rejects.toThrow(/is a symbolic link$/);
  });

  it('is a pipe', async () => {
    remove('audit.ndjson');
    execFileSync('mkfifo', [path('audit.ndjson')]);
    await expect(verify()).rejects.toThrow(/is not a regular file$/);
  });

  it('is a file that is not there', async () => {
    await expect(verify([path('nothing')])).rejects.toThrow(/nothing does not exist$/);
  });

  it('is not a file that gets its full name meanwhile', async () => {
    const files = await findLog([], folder);
    renameSync(path('audit.ndjson'), path(fullFileName(4)));
    write('audit.ndjson', []);
    expect(await verifyLog(files, [])).toMatchObject({ found: 0, records: 5 });
  });
});
