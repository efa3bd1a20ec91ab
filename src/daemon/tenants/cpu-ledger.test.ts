import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CpuLedger } from './cpu-ledger.js';

let directory: string;
let now: Date;
let errors: unknown[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leeward-ledger-'));
  now = new Date('2026-03-01T23:59:00Z');
  errors = [];
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

const open = () => new CpuLedger(directory, { now: () => now, onError: (error) => errors.push(error) });

test('what was charged is there after a restart, on the same day', () => {
  const first = open();
  first.charge('acme', 1_500_000);
  first.charge('acme', 500_000);
  first.charge('__proto__', 7);
  expect(first.used('acme')).toBe(2_000_000);
  first.close();
  const second = open();
  expect([second.used('acme'), second.used('__proto__'), second.used('other')]).toEqual([2_000_000, 7, 0]);
  expect(second.untilTomorrow()).toBe(60_000);
  now = new Date('2026-03-02T00:00:00Z');
  expect([second.used('acme'), open().used('acme')]).toEqual([0, 0]);
});

test('it is written without being closed, for who is killed', async () => {
  open().charge('acme', 1);
  await expect.poll(() => existsSync(join(directory, 'cpu-usage.json')), { timeout: 5000 }).toBe(true);
  expect(open().used('acme')).toBe(1);
});

test('nothing is written for nothing', () => {
  const ledger = open();
  ledger.charge('acme', 0);
  ledger.close();
  expect(existsSync(join(directory, 'cpu-usage.json'))).toBe(false);
});

test.each([
  '',
  '{',
  '[]',
  '{"version":2,"day":"2026-03-01","microseconds":{}}',
  '{"version":1,"day":"2026-03-01","microseconds":{"a":-1}}',
])('a file that says %j gives nobody the day anew', (text) => {
  writeFileSync(join(directory, 'cpu-usage.json'), text);
  expect(open).toThrow(/cpu-usage\.json is not a record of processor time/);
});

test('a file that cannot be written is told, and counted on', () => {
  const ledger = open();
  ledger.charge('acme', 5);
  rmSync(directory, { recursive: true });
  ledger.close();
  expect(errors).toMatchObject([{ code: 'ENOENT' }]);
  expect(ledger.used('acme')).toBe(5);
});

test('a record that cannot be read is no record of nothing', () => {
  mkdirSync(join(directory, 'cpu-usage.json'));
  expect(open).toThrow(/cpu-usage\.json cannot be read: EISDIR/);
});
