import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../audit-log/record.js';
import { LeewardError } from '../../errors/leeward-error.js';
import { violationOf } from '../../protocol/request-schema.js';
import type { Requester } from '../jobs/executor.js';
import { LiveJob } from '../jobs/live-jobs.js';
import { AuditLog } from './audit-log.js';
import { type AuditLogSettings, DEFAULT_AUDIT_LOG } from './settings.js';

const PEER = { uid: 1201, gid: 1300, groups: [] };
const REFUSED = {
  request: { type: 'Execute', code: 'x' },
  peer: PEER,
  error: new LeewardError('LW_DAEMON_BUSY', ''),
  job: undefined,
  unstarted: undefined,
} as const;

const KILLED = { name: '1kw74zh00001', tenant: 'acme', peer: PEER };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leeward-audit-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (settings: Partial<AuditLogSettings> = {}, log = pino({ level: 'silent' })) =>
  new AuditLog(folder, { ...DEFAULT_AUDIT_LOG, ...settings }, log);
const lines = () => readFileSync(join(folder, 'audit.ndjson'), 'utf8').split('\n').filter(Boolean);
const records = (): AuditRecord[] => lines().map((line) => JSON.parse(line));

describe('the audit log of a daemon', () => {
  it('begins and ends with the daemon, and knows how the one before ended', async () => {
    await open().close();
    const killed = open({ fsync: 'always' });
    await killed.settled();
    await open({ keep: 3 }).close();
    const started = records().filter((record) => record.kind === 'daemon_started');
    expect(started.map(({ after }) => after)).toEqual(['nothing', 'stop', 'crash']);
    expect(started[2]).toMatchObject({ settings: { fsync: 'interval', on_error: 'refuse', keep: 3 }, torn: null });
    expect(records().at(-1)?.kind).toBe('daemon_stopped');
  });

  it('has what is written on the disk before the answer with fsync always', async () => {
    const log = open({ fsync: 'always' });
    log.observer(() => 'acme').refused(REFUSED);
    await log.settled();
    expect(records().at(-1)).toMatchObject({ kind: 'refused', tenant: 'acme', error: 'LW_DAEMON_BUSY' });
    await log.close();
  });

  it('has who ends a job, beside whose it was', async () => {
    const log = open();
    log.jobKilled(KILLED, { uid: 0, gid: 0, groups: [4] }, true);
    await log.close();
    expect(records().at(-2)).toMatchObject({
      ...{ kind: 'job_killed', job: '1kw74zh00001', tenant: 'acme' },
      ...{ owner: { uid: 1201, gid: 1300 }, peer: { uid: 0, gid: 0 } },
    });
  });

  it('counts refusals of which there are too many for a record each', async () => {
    const log = open();
    const observer = log.observer(() => undefined);
    for (let count = 0; count < 5000; count++) observer.refused(REFUSED);
    for (let count = 0; count < 10; count++) log.turnedAway(new LeewardError('LW_REQUEST_NO_TENANT', ''), PEER);
    await log.close();
    const refused = records().filter(({ kind }) => kind === 'refused' || kind === 'turned_away').length;
    const counted = records().flatMap((record) => (record.kind === 'refusals' ? [record.count] : []));
    expect(refused).toBeGreaterThan(100);
    expect(refused + counted.reduce((sum, count) => sum + count, 0)).toBe(5010);
    expect(Buffer.byteLength(lines().join('\n'))).toBeLessThan(256 << 10);
  });

  it('has a record for each job that ended while it waited, and one for all who waited for it', async () => {
    const log = open();
    const observer = log.observer(() => 'acme');
    const owner = { peer: PEER, tenant: { name: 'acme', defaultPolicy: 'python' } } as unknown as Requester;
    const error = new LeewardError('LW_JOB_CANCELLED', 'cancelled');
    for (let count = 0; count < 1000; count++) {
      const unstarted = new LiveJob(String(count).padStart(12, '0'), REFUSED.request, owner);
      const refused = { ...REFUSED, error, job: unstarted.name, unstarted };
      observer.refused(refused);
      observer.refused(refused);
    }
    await log.close();
    const jobs = records().flatMap((record) => (record.kind === 'job' ? [record.job] : []));
    expect(new Set(jobs).size).toBe(1000);
    expect(records()).toHaveLength(1002);
  });

  it('has no more room for what others than operators try, and all of what operators do', async () => {
    const log = open();
    const changed = { peer: { uid: 1201, gid: 1300 }, act: 'pin', base: 1, running: null, generation: null } as const;
    const refused = { ...changed, message: 'x'.repeat(200), error: 'LW_REQUEST_NOT_OPERATOR' } as const;
    for (let count = 0; count < 1000; count++) {
      log.jobKilled(KILLED, PEER, false);
      log.policiesChanged(refused, false);
    }
    for (let count = 0; count < 500; count++) log.jobKilled(KILLED, { ...PEER, uid: 0 }, true);
    await log.close();
    const ofOthers = lines().filter((line) => line.includes('"peer":{"uid":1201,'));
    expect(Buffer.byteLength(ofOthers.join('\n'))).toBeLessThan(128 << 10);
    const counted = records().flatMap((record) => (record.kind === 'refusals' ? [record] : []));
    expect(counted.map(({ error }) => error).sort()).toEqual(['LW_JOB_KILLED', 'LW_REQUEST_NOT_OPERATOR']);
    const acts = records().filter(({ kind }) => kind === 'job_killed' || kind === 'policies_changed').length;
    expect(acts).toBeGreaterThan(600);
    expect(acts + counted.reduce((sum, { count }) => sum + count, 0)).toBe(2500);
  });

  it('says which policies are served', async () => {
    const log = open();
    log.policiesLoaded(1, [{ name: 'python', digest: null }], ['acme'], 2);
    log.policiesRejected({ generation: 1, error: 'LW_POLICY_INVALID', place: 'python.yaml:3:1' });
    await log.close();
    expect(records().slice(1, 3)).toMatchObject([
      { kind: 'policies_loaded', policies: [{ name: 'python', digest: null }], tenants: ['acme'], errors: 2 },
      { kind: 'policies_rejected', generation: 1, place: 'python.yaml:3:1' },
    ]);
  });
});

describe('a log that cannot be written', () => {
  const broken = async (settings: Partial<AuditLogSettings>): Promise<AuditLog> => {
    const log = open({ fsync: 'always', ...settings });
    await log.settled();
    renameSync(join(folder, 'audit.ndjson'), join(folder, 'away'));
    log.turnedAway(new LeewardError('LW_REQUEST_NO_TENANT', ''), PEER);
    await log.settled();
    return log;
  };

  it('refuses what would not be recorded, without the paths of this host', async () => {
    const log = await broken({});
    expect(() => log.check()).toThrow('the audit log cannot be written: its files were changed');
    expect(log.refusal).not.toContain(folder);
    const path = join(folder, 'audit.ndjson');
    const told = { path, sequence: 1, written: false, problem: expect.any(String), refuses_jobs: true };
    expect(log.status()).toMatchObject({ ...told, since: expect.stringMatching(/Z$/) });
    expect(violationOf('AuditLogStatus', log.status())).toBeUndefined();
    renameSync(join(folder, 'away'), join(folder, 'audit.ndjson'));
    await log.close();
    expect(log.refusal).toBeUndefined();
    expect(log.status()).toMatchObject({ sequence: 3, written: true, problem: null, since: null, refuses_jobs: false });
    expect(records().map(({ kind }) => kind)).toEqual(['daemon_started', 'turned_away', 'daemon_stopped']);
  });

  it('says at the end how many records are lost, and why', async () => {
    const lines: string[] = [];
    const log = open({ fsync: 'always' }, pino({ level: 'error' }, { write: (line) => void lines.push(line) }));
    await log.settled();
    renameSync(join(folder, 'audit.ndjson'), join(folder, 'away'));
    log.turnedAway(new LeewardError('LW_REQUEST_NO_TENANT', ''), PEER);
    await log.close();
    expect(lines.map((line) => JSON.parse(line)).at(-1)).toMatchObject({
      ...{ records: 2, problem: expect.stringContaining('was moved') },
      msg: 'records of the audit log are lost: they could not be written before the end',
    });
  });

  it('lets jobs go on where that was chosen', async () => {
    const log = await broken({ onError: 'continue' });
    expect(() => log.check()).not.toThrow();
    expect(log.status()).toMatchObject({ written: false, refuses_jobs: false });
    await log.close();
  });

  it('ends the start of a daemon where it is damaged or no file', async () => {
    mkdirSync(join(folder, 'audit.ndjson'));
    expect(() => open()).toThrow(expect.objectContaining({ code: 'LW_DAEMON_AUDIT_LOG' }));
  });
});
