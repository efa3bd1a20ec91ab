import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Sourced, TenantQuota } from '../../policy/types.js';
import { Accounts } from './accounts.js';
import { CpuLedger } from './cpu-ledger.js';
import { Scheduler } from './scheduler.js';
import { NO_QUOTA, type Tenant } from './tenant.js';

const NEVER = new AbortController().signal;
let directory: string;
let accounts: Accounts;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leeward-accounts-'));
  accounts = new Accounts(new Scheduler(4), new CpuLedger(directory, { onError: () => {} }));
});

afterEach(() => rmSync(directory, { recursive: true }));

function sourced(value: number): Sourced<number> {
  const start = { line: 7, col: 3, offset: 70 };
  return { value, origin: { file: 'acme.yaml', range: { start, end: start } } };
}

function tenant(quota: Partial<TenantQuota>, name = 'acme'): Tenant {
  return { name, isOperator: false, defaultPolicy: undefined, policies: undefined, quota: { ...NO_QUOTA, ...quota } };
}

const PLACE = { file: 'acme.yaml', line: 7, col: 3 };

test('requests of a second', () => {
  const account = accounts.of(tenant({ perSecond: sourced(2) }));
  account.admit();
  account.admit();
  expect(() => account.admit()).toThrow('tenant acme has sent its 2 requests of this second (quota.perSecond)');
  // What was taken is taken, also when the file is read again.
  expect(() => accounts.of(tenant({ perSecond: sourced(2) })).admit()).toThrow('quota.perSecond');
  accounts.of(tenant({ perSecond: sourced(3) })).admit();
});

test('requests without a job are counted, whatever time of the processor is left', () => {
  const account = accounts.of(tenant({ perSecond: sourced(2), cpuSecondsPerDay: sourced(1) }));
  account.charge(2_000_000);
  account.count();
  account.count();
  expect(refusalOf(() => account.count())).toMatchObject({ code: 'LW_REQUEST_QUOTA', place: PLACE });
});

test('processor time of a day', () => {
  const account = accounts.of(tenant({ cpuSecondsPerDay: sourced(2) }));
  account.charge(1_999_999);
  account.admit();
  account.charge(1);
  expect(() => account.admit()).toThrow('tenant acme has used its 2 seconds of processor time of this day');
  expect(refusalOf(() => account.admit())).toMatchObject({
    code: 'LW_REQUEST_QUOTA',
    retryable: true,
    place: PLACE,
    hint: expect.stringMatching(/^try again in \d+ minutes/),
  });
  accounts.of(tenant({ cpuSecondsPerDay: sourced(2) }, 'beta')).admit();
});

test('jobs at a time and jobs that wait', async () => {
  const account = accounts.of(tenant({ concurrent: sourced(1), queue: sourced(1) }));
  const lane = account.share.lane({ max: 9, queue: 9, full: () => new Error() as never });
  const release = await lane.take(NEVER);
  const second = lane.take(NEVER);
  await expect(lane.take(NEVER)).rejects.toMatchObject({
    code: 'LW_REQUEST_QUOTA',
    message: 'tenant acme has no room: 1 running of at most 1 (quota.concurrent), 1 waiting (quota.queue)',
    place: PLACE,
  });
  // A raised quota lets the waiting one run.
  accounts.of(tenant({ concurrent: sourced(2), queue: sourced(1) }));
  await second;
  release();
});

test('each tenant has a number, the same for as long as the daemon lives', () => {
  expect(['acme', 'beta', 'acme'].map((name) => accounts.of(tenant({}, name)).number)).toEqual([1, 2, 1]);
});

test('the operators’ time is nobody’s to count', () => {
  const account = accounts.of({ ...tenant({}), isOperator: true });
  account.charge(5_000_000);
  expect(account.cpuUsed).toBe(0);
});

function refusalOf(action: () => void): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}
