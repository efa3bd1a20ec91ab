import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AuditLog } from '../audit-log/audit-log.js';
import { DEFAULT_AUDIT_LOG } from '../audit-log/settings.js';
import type { PolicyChanger } from '../policies/store/changer.js';
import type { Tenant } from '../tenants/tenant.js';
import type { Asker } from './asker.js';
import { PolicyChanges } from './policy-changes.js';

const asker = (uid: number, tenant: string): Asker => ({
  peer: { uid, gid: uid, groups: [] },
  tenant: { name: tenant, isOperator: tenant === 'local' } as Tenant,
});
const ROOT = asker(0, 'local');
const OTHER = asker(1201, 'acme');
const APPLY = { type: 'PolicyApply', files: {}, message: 'mine now', running: 'kill' } as const;

let folder: string;
let auditLog: AuditLog;
let changes: PolicyChanges;
const unpin = vi.fn(async () => ({ base: 3, generation: 4, problem: null }));
const unreached = vi.fn();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leeward-policy-changes-'));
  auditLog = new AuditLog(folder, { ...DEFAULT_AUDIT_LOG, fsync: 'always' }, pino({ level: 'silent' }));
  const changer = { unpin, apply: unreached, rollBack: unreached, pin: unreached } as unknown as PolicyChanger;
  changes = new PolicyChanges({ changer, auditLog, serving: () => 3 });
});
afterEach(async () => {
  await auditLog.close();
  rmSync(folder, { recursive: true });
  vi.clearAllMocks();
});

/** The log from its second record on. */
async function recorded(): Promise<unknown[]> {
  await auditLog.settled();
  const lines = readFileSync(join(folder, 'audit.ndjson'), 'utf8').split('\n').filter(Boolean);
  return lines.slice(1).map((line) => JSON.parse(line));
}

it('has a record of what an operator does', async () => {
  await changes.unpin(ROOT);
  const act = { kind: 'policies_changed', act: 'unpin', base: 3, generation: 4, error: null };
  expect(await recorded()).toMatchObject([{ ...act, peer: { uid: 0, gid: 0 } }]);
});

it('has a record of what somebody else tries, which changes nothing', async () => {
  const tries = [
    () => changes.apply(APPLY, OTHER),
    () => changes.rollBack({ type: 'PolicyRollback', generation: 1 }, OTHER),
    () => changes.pin({ type: 'PolicyPin', generation: 1 }, OTHER),
    () => changes.unpin(OTHER),
  ];
  for (const attempt of tries) await expect(attempt()).rejects.toMatchObject({ code: 'LW_REQUEST_NOT_OPERATOR' });
  expect([unreached.mock.calls, unpin.mock.calls]).toEqual([[], []]);
  const refused = { peer: { uid: 1201, gid: 1201 }, generation: null, error: 'LW_REQUEST_NOT_OPERATOR' };
  expect(await recorded()).toMatchObject([
    { ...refused, act: 'apply', message: 'mine now', running: 'kill' },
    { ...refused, act: 'rollback' },
    { ...refused, act: 'pin' },
    { ...refused, act: 'unpin' },
  ]);
});

it('changes nothing while it cannot be recorded; a dry run has no record', async () => {
  await auditLog.settled();
  renameSync(join(folder, 'audit.ndjson'), join(folder, 'away'));
  auditLog.policiesRejected({ generation: 1, error: 'LW_POLICY_INVALID', place: null });
  await auditLog.settled();
  const refusal = { code: 'LW_DAEMON_AUDIT_LOG' };
  await expect(changes.unpin(ROOT)).rejects.toMatchObject(refusal);
  await expect(changes.apply(APPLY, ROOT)).rejects.toMatchObject(refusal);
  expect([unreached.mock.calls, unpin.mock.calls]).toEqual([[], []]);
  unreached.mockRejectedValueOnce(new Error('looked at'));
  await expect(changes.apply({ ...APPLY, dry_run: true }, ROOT)).rejects.toThrow('looked at');
});
