import { expect, it } from 'vitest';
import { styleOf } from '../../terminal/style.js';
import { lineText } from './line-text.js';

const PLAIN = styleOf({ isTTY: false, env: {} });
const text = (fields: object) => lineText(JSON.stringify(fields), PLAIN);
const TIME = Date.parse('2026-07-01T12:00:00Z');

it('says when, how serious, what, and the fields beside it', () => {
  expect(text({ level: 30, time: TIME, job: '1kw74zh00001', uid: 0, status: 'ok', msg: 'job ended' })).toBe(
    '2026-07-01T12:00:00.000Z info  job ended job=1kw74zh00001 uid=0 status=ok',
  );
  expect(
    text({ level: 50, time: TIME, err: { type: 'Error', message: 'no room', stack: 'at x' }, msg: 'socket' }),
  ).toBe('2026-07-01T12:00:00.000Z error socket err="no room"');
  expect(text({ level: 30, time: TIME, listed: [1, null], msg: '' })).toContain('info   listed=[1,null]');
});

it('colours what is worth a look', () => {
  const coloured = styleOf({ isTTY: true, env: {} });
  expect(lineText(JSON.stringify({ level: 50, time: TIME, msg: 'x' }), coloured)).toContain('\u001b[31merror');
  expect(lineText(JSON.stringify({ level: 40, time: TIME, msg: 'x' }), coloured)).toContain('\u001b[33mwarn');
});

it.each(['', 'no JSON', '7', 'null', '{"level":"odd","time":"never"}', '{"msg":"\\u001b[2J"}'])(
  'is one line of text whatever it was: %j',
  (line) => {
    for (const character of ['\u001b', '\n']) expect(lineText(line, PLAIN)).not.toContain(character);
  },
);
