import { describe, expect, it } from 'vitest';
import { EVENTS, JOB, sampleLog } from '../../../test/audit-log/sample-log.js';
import type { AuditRecord } from '../../audit-log/record.js';
import { type Filter, fits, parseDigest, parseKind, parseMoment, parseStatus } from './filter.js';

const records = sampleLog(EVENTS).lines.map((line): AuditRecord => JSON.parse(line));
const kindsOf = (filter: Filter) => records.filter((record) => fits(record, filter)).map(({ kind }) => kind);

describe('a filter', () => {
  it.each<[Filter, readonly string[]]>([
    [{ kinds: ['job', 'refused'] }, ['job', 'refused']],
    [{ tenant: 'acme' }, ['job', 'refused']],
    [{ policy: 'python' }, ['job']],
    [{ policy: 'wide' }, ['refused']],
    [{ status: 'ok' }, ['job']],
    [{ error: 'LW_REQUEST_QUOTA' }, ['refused', 'refusals']],
    [{ uid: 7 }, ['turned_away']],
    [{ jobId: 'abc' }, ['job']],
    [{ job: '1kw74zh00001' }, ['job']],
    [{ job: '1kw74zh10001' }, ['job_killed']],
    [{ code: JOB.code.digest }, ['job']],
    [{ uid: 1201, kinds: ['refusals'] }, ['refusals']],
    [{ tenant: 'acme', status: 'error' }, []],
  ])('%j has what fits all of it', (filter, kinds) => {
    expect(kindsOf(filter)).toEqual(kinds);
  });

  it('has what came from a moment on, and before another', () => {
    const [since, until] = [Date.parse('2026-07-01T12:00:02Z'), Date.parse('2026-07-01T12:00:04Z')];
    expect(kindsOf({ since, until })).toEqual(['job', 'refused']);
    expect(kindsOf({})).toHaveLength(EVENTS.length);
  });

  it('is no trouble for a record of a later format', () => {
    expect(fits({ kind: 'holiday', time: 7, peer: null, policy: 3 } as never, { uid: 1, policy: 'x', since: 1 })).toBe(
      false,
    );
  });
});

describe('a moment', () => {
  const NOW = Date.parse('2026-07-02T00:00:00Z');

  it.each([
    ['2h', '2026-07-01T22:00:00Z'],
    ['1d', '2026-07-01T00:00:00Z'],
    ['2026-07-01', '2026-07-01T00:00:00Z'],
    ['2026-07-01T12:30', '2026-07-01T12:30:00Z'],
    ['2026-07-01T12:30:15Z', '2026-07-01T12:30:15Z'],
    ['2026-07-01T12:30:15+02:00', '2026-07-01T10:30:15Z'],
  ])('%s is UTC unless it says otherwise', (text, moment) => {
    expect(new Date(parseMoment(text, '--since', NOW))).toEqual(new Date(moment));
  });

  it.each(['yesterday', '2026-13-01', '2026-02-30', '2026-', '2026-07-01 12:00', '2026-07-01T25:00', '5 parsecs', ''])(
    'is not %j',
    (text) => {
      expect(() => parseMoment(text, '--since', NOW)).toThrow(`--since ${text}: `);
    },
  );
});

describe('what a flag takes', () => {
  it('is a hash with its name or without', () => {
    const digits = '6bf2'.repeat(16);
    expect(parseDigest(digits, '--code')).toBe(`sha256:${digits}`);
    expect(parseDigest(`sha256:${digits}`, '--code')).toBe(`sha256:${digits}`);
    expect(() => parseDigest('6bf2', '--code')).toThrow('--code 6bf2: it takes a hash');
  });

  it('is a kind of record, and the nearest is told', () => {
    expect(parseKind('job')).toBe('job');
    expect(() => parseKind('jobs')).toThrow(expect.objectContaining({ hint: 'did you mean job?' }));
    expect(parseStatus('timed_out')).toBe('timed_out');
    expect(() => parseStatus('timedout')).toThrow(expect.objectContaining({ hint: 'did you mean timed_out?' }));
    expect(() => parseStatus('xxxxxxxx')).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('ok, error') }),
    );
  });
});
