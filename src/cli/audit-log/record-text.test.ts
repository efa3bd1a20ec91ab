import { expect, it } from 'vitest';
import { EVENTS, JOB, sampleLog } from '../../../test/audit-log/sample-log.js';
import type { AuditRecord } from '../../audit-log/record.js';
import { styleOf } from '../terminal/style.js';
import { recordText } from './record-text.js';

const PLAIN = styleOf({ isTTY: false, env: {} });
const texts = (events: Parameters<typeof sampleLog>[0]) =>
  sampleLog(events).lines.map((line) => recordText(JSON.parse(line) as AuditRecord, PLAIN));

it('says on one line what each kind of record is about', () => {
  const stamped = texts(EVENTS);
  expect(stamped[0]).toBe('2026-07-01T12:00:00.000Z #1 daemon_started version 0.1.0 pid 4711 uid 998, after nothing');
  expect(stamped.slice(1).map((text) => text.replace(/^\S+ #\d+ /, ''))).toEqual([
    'policies_loaded generation 1: 1 policy, 1 tenant, 0 errors',
    'job acme uid 1201 python ok 118 ms peak 14 MiB job 1kw74zh00001 job_id abc denied socket x2 pids x1',
    'refused acme uid 1201 wide LW_REQUEST_QUOTA',
    'turned_away uid 7 LW_REQUEST_NO_TENANT',
    'refusals uid 1201 LW_REQUEST_QUOTA x40 since 2026-07-01T12:00:00.000Z',
    'policies_rejected generation 1 goes on: LW_POLICY_INVALID policies/python.yaml:3:1',
    'job_killed 1kw74zh10001 of beta uid 1301, by uid 0',
    'policies_changed apply by uid 0: generation 2 serves, as agreed',
    'log_gap 3 records lost since 2026-07-01T12:00:00.000Z',
    'log_rotated audit-0000000000000001.ndjson',
    'log_removed 1 file, through #4',
    'daemon_stopped',
  ]);
});

it('says how a job ended, also in records that have no names of jobs', () => {
  const { job: _, ...OLD } = JOB;
  const ends = texts([
    { ...OLD, status: 'error', exit_code: 3, denials: [], job_id: null },
    { ...OLD, status: 'signaled', exit_code: null, signal: 11, denials: [], job_id: null },
    { ...OLD, status: 'timed_out', error: 'LW_JOB_TIMED_OUT', denials: [], job_id: null, memory_peak: null },
  ]);
  expect(ends.map((text) => text.replace(/^.*python /, ''))).toEqual([
    'error exit 3 118 ms peak 14 MiB',
    'signaled signal 11 118 ms peak 14 MiB',
    'timed out LW_JOB_TIMED_OUT 118 ms',
  ]);
});

it('cannot steer a terminal', () => {
  const text = texts([{ ...JOB, tenant: '\u001b[31m\n', policy: { ...JOB.policy, name: '\u202e' } }]).join('');
  for (const character of ['\u001b', '\n', '\u202e']) expect(text).not.toContain(character);
});

it('is no trouble for a kind of a later format', () => {
  expect(recordText({ kind: 'holiday', time: 'now', sequence: 1 } as never, PLAIN)).toBe('now #1 holiday');
});
