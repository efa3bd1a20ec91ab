import { expect, it } from 'vitest';
import { job, sample, worker } from '../../../../test/operating/samples.js';
import { styleOf } from '../../terminal/style.js';
import { pictureOf } from './picture.js';

const PLAIN = styleOf({ isTTY: false, env: {} });

it('has what the daemon does as a whole, and a line for each job', () => {
  const waits = job({ job: '1kw74zh10001', state: 'queued', generation: null, job_id: null, memory_limit: null });
  const idle = worker({ slot: 8, state: 'idle', job: null });
  const at = (time: number, cpu_time_us: number) =>
    sample({ at: time, jobs: [job(), waits], workers: [worker({ cpu_time_us }), idle] });
  expect(pictureOf(at(0, 0), at(1000, 123_456), PLAIN)).toEqual({
    head: [
      'leeward 0.1.0, up 1 min 1 s, generation 3, supervisor ready',
      '2 jobs: 1 running, 1 waiting; 2 workers: 1 busy, 1 idle, 0 recycling',
    ],
    table: [
      'job           state    cpu %  memory  limit    age        policy    tenant  uid   job_id',
      '1kw74zh00001  running  12.3   3 MiB   256 MiB  1 min 1 s  python@3  acme    1201  abc',
      '1kw74zh10001  queued   -      -       -        1 min 1 s  python    acme    1201  -',
    ],
  });
});

it('says why there are no figures, and what is not served', () => {
  const supervisor = { limits_available: ['pids'], cgroup_reason: 'no delegated control group' };
  const reload_error = { at: '2026-07-01T12:00:00.000Z', message: 'a.yaml:3:1: error LW-P001: no\n  3 | x' };
  const { head, table } = pictureOf(undefined, sample({ workers: null, supervisor, reload_error }), PLAIN);
  expect(head.slice(1)).toEqual([
    '0 jobs: 0 running, 0 waiting; workers not known',
    'memory and processor time not known: no delegated control group',
    'not served: a.yaml:3:1: error LW-P001: no',
  ]);
  expect(table).toEqual(['no job runs or waits']);
});

it('is text whatever a daemon sends', () => {
  const evil = sample({ jobs: [job({ job_id: '\u001b[2J' })], reload_error: { at: '', message: '\u001b[2J' } });
  const { head, table } = pictureOf(undefined, evil, PLAIN);
  expect([...head, ...table].join('\n')).not.toContain('\u001b');
});
