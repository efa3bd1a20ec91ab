import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RefusalLog } from './refusal-log.js';

interface Line {
  readonly msg: string;
  readonly uid?: number;
  readonly count?: number;
}

let lines: Line[];
let now: number;
let log: RefusalLog;
const peer = (uid: number) => ({ uid, gid: uid, groups: [] });
const tell = (uid: number, times: number) => {
  for (let time = 0; time < times; time++) log.tell('request refused', { peer: peer(uid), error: 'LW_DAEMON_BUSY' });
};
const told = (uid: number) => lines.filter((line) => line.msg === 'request refused' && line.uid === uid).length;
const leftOut = () => lines.filter(({ msg }) => msg.startsWith('refusals without'));

beforeEach(() => {
  lines = [];
  now = 0;
  const write = (line: string) => lines.push(JSON.parse(line));
  log = new RefusalLog(pino({ base: null }, { write }), () => now);
});
afterEach(() => log.close());

it('has a line for each refusal, as long as there are not many', () => {
  log.tell('request refused', { peer: peer(7), error: 'LW_JOB_KILLED', job: '1kw74zh00001' });
  log.tell('client turned away', { peer: peer(7), error: 'LW_REQUEST_NO_TENANT' });
  expect(lines).toMatchObject([
    { msg: 'request refused', uid: 7, error: 'LW_JOB_KILLED', job: '1kw74zh00001' },
    { msg: 'client turned away', uid: 7, error: 'LW_REQUEST_NO_TENANT' },
  ]);
  log.summarize();
  expect(lines).toHaveLength(2);
});

it('counts those of a flood, and says once how many lines were left out', () => {
  tell(7, 1000);
  tell(8, 1);
  expect([told(7), told(8)]).toEqual([50, 1]);
  log.summarize();
  log.summarize();
  expect(leftOut()).toMatchObject([{ uid: 7, error: 'LW_DAEMON_BUSY', count: 950 }]);
  now += 1000;
  tell(7, 10);
  expect(told(7)).toBe(52);
});

it('has no more lines for many users than for some', () => {
  for (let uid = 0; uid < 3000; uid++) tell(uid, 1);
  expect(lines).toHaveLength(200);
  log.close();
  expect(leftOut().reduce((sum, { count = 0 }) => sum + count, 0)).toBe(2800);
});
