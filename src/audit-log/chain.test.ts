import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { EVENTS, sampleLog } from '../../test/audit-log/sample-log.js';
import { readRecord } from './read-record.js';
import { AUDIT_KINDS } from './record.js';

const { lines } = sampleLog(EVENTS);
const read = (line: string) => readRecord(Buffer.from(line.trimEnd()));

describe('chain', () => {
  it('links each line to the one before by its hash', () => {
    const records = lines.map((line) => JSON.parse(line));
    expect(records.map(({ sequence }) => sequence)).toEqual(EVENTS.map((_, index) => index + 1));
    expect(records.map(({ previous }) => previous)).toEqual([null, ...records.slice(0, -1).map(({ hash }) => hash)]);
  });

  it('hashes the bytes that stand before the hash, so that other programs can', () => {
    const [line = ''] = lines;
    const [body, hash] = line.split(',"hash":');
    const digest = createHash('sha256')
      .update(body ?? '')
      .digest('hex');
    expect(hash).toBe(`"sha256:${digest}"}\n`);
  });

  it('keeps what an event says, after what every record begins with', () => {
    const { version, sequence, time, previous, hash, ...event } = JSON.parse(lines[2] ?? '');
    expect(event).toEqual(EVENTS[2]);
    expect(Object.keys(JSON.parse(lines[2] ?? '')).slice(0, 4)).toEqual(['version', 'sequence', 'time', 'kind']);
    expect(time).toBe('2026-07-01T12:00:02.000Z');
  });
});

describe('a record', () => {
  it('of each kind is what the schema says', () => {
    expect([...new Set(EVENTS.map(({ kind }) => kind))].sort()).toEqual([...AUDIT_KINDS].sort());
    expect(lines.map(read).map(({ problem }) => problem)).toEqual(lines.map(() => undefined));
  });

  it.each([
    ['an unknown field', { code_text: 'x' }, 'field "code_text" is not known'],
    ['a field of the wrong type', { signal: 'KILL' }, 'field "signal" must be integer,null'],
    [
      'a field within that is not known',
      { code: { digest: `sha256:${'0'.repeat(64)}`, bytes: 1, text: 'x' } },
      'field "code.text" is not known',
    ],
    ['a kind that is not known', { kind: 'jobs' }, 'kind "jobs" is not known'],
  ])('with %s is told', (_name, change, problem) => {
    const [line = ''] = sampleLog([{ ...(EVENTS[2] as object), ...change } as never]).lines;
    expect(read(line).problem).toBe(problem);
  });

  it('of a later format is taken for its place in the chain alone', () => {
    const body = '{"version":2,"sequence":1,"time":"tomorrow","kind":"holiday","previous":null';
    const hash = createHash('sha256').update(body).digest('hex');
    expect(read(`${body},"hash":"sha256:${hash}"}`)).toMatchObject({ problem: undefined, newer: true });
  });

  it('that has its hash twice is none', () => {
    const [line = ''] = sampleLog([{ kind: 'daemon_stopped' }]).lines;
    const twice = line.replace(',"previous"', ',"hash":"x","previous"');
    expect(read(twice).problem).toBe('its hash is not that of its bytes: the line was changed');
    expect(read(line.replace('}\n', ',"hash":"sha256:x"}\n')).problem).toBe('it does not end with its hash');
  });
});
