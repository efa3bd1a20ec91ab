import { describe, expect, it } from 'vitest';
import type { StatusResult } from '../protocol/messages.gen.js';
import { statusText } from './status-text.js';
import { styleOf } from './terminal/style.js';

const STATUS: StatusResult = {
  daemon: {
    version: '0.1.0',
    protocol: 1,
    pid: 42,
    uid: 0,
    embedded: false,
    uptime_ms: 61_500,
    generation: 3,
    loaded_at: '2026-11-30T12:00:00.000Z',
    socket: '/run/l.sock',
    state_directory: '/var/lib/leeward',
  },
  supervisor: {
    state: 'ready',
    restarts: 1,
    privileged: true,
    landlock_abi: 7,
    cgroup_version: 2,
    cgroup_base: '/sys/fs/cgroup/leeward',
    cgroup_reason: null,
    limits_available: ['memory', 'pids'],
  },
  policy_source: { kind: 'directory', folder: '/etc/leeward/policies', pinned: null, history_problems: [] },
  policies: [{ name: 'python', description: 'the library', file: 'p.yaml', runtime: 'python', digest: null }],
  reload_error: null,
  policy_errors: ['mine.yaml:5:18: error LW-P016: unknown unit\n   5 | limits'],
  pools: [
    { tenant: 'acme', policy: 'python', plan: 'sha256:0', state: 'ready', standby: 4, max: 16, running: 2, queued: 1 },
  ],
  tenants: [
    {
      name: 'acme',
      running: 2,
      queued: 1,
      cpu_seconds_today: 1.5,
      policy_errors: [],
      quota: { concurrent: 8, queue: null, per_second: 200, cpu_seconds_per_day: 36_000, weight: 2 },
    },
  ],
  jobs: { running: 2, queued: 1, ended: { ok: 5, timed_out: 1 } },
  connections: 3,
};

const text = (status: StatusResult) => statusText(status, styleOf({ isTTY: false, env: {} })).join('\n');

const AUDIT_LOG = {
  path: '/var/lib/leeward/audit/audit.ndjson',
  ...{ sequence: 47, written_at: '2026-11-30T12:00:01.000Z' },
  ...{ written: true, problem: null, since: null, refuses_jobs: false },
};

describe('status', () => {
  it('says who serves, with what, what is wrong, and what runs', () => {
    expect(text(STATUS)).toBe(
      [
        'daemon      0.1.0, pid 42, uid 0, up 61.5 s, 3 connections',
        'socket      /run/l.sock',
        'state       /var/lib/leeward',
        'policies    generation 3, loaded 2026-11-30T12:00:00.000Z',
        'supervisor  ready, root service, 1 restarts, landlock ABI 7',
        'limits      memory, pids, cgroup v2 /sys/fs/cgroup/leeward',
        'mine.yaml:5:18: error LW-P016: unknown unit',
        '   5 | limits',
        '',
        'policy  runtime  description',
        'python  python   the library',
        '',
        'pool    tenant  state  running  queued  standby  max',
        'python  acme    ready  2        1       4        16',
        '',
        'tenant  running  queued  cpu s today  per second  weight',
        'acme    2/8      1       1.5/36000    200         2',
        'jobs: 2 running, 1 queued; ended: 5 ok, 1 timed out',
      ].join('\n'),
    );
  });

  it('leaves out what a tenant is not told', () => {
    const shown = text({ ...STATUS, connections: null, tenants: [] });
    expect(shown).toContain('uid 0, up 61.5 s\nsocket');
    expect(shown).not.toContain('per second');
  });

  it('says first what is in the policy folders and not served', () => {
    const tenants = STATUS.tenants.map((tenant) => ({
      ...tenant,
      policy_errors: ['acme.yaml:4:11: wide: LW-U905: no'],
    }));
    expect(text({ ...STATUS, tenants })).toContain(
      '\ntenant acme may not use a policy: acme.yaml:4:11: wide: LW-U905: no\n',
    );
    const reload_error = { at: '2026-11-30T12:01:00.000Z', message: 'new.yaml:3:1: error LW-P010: no such field' };
    expect(text({ ...STATUS, reload_error })).toContain(
      'The policy folders have an error since 2026-11-30T12:01:00.000Z; what was served before is still served.\nnew.yaml:3:1: error',
    );
  });

  it('names the store where policies come from it', () => {
    const reload_error = {
      at: '2026-11-30T12:01:00.000Z',
      message: 'store/new.yaml:3:1: error LW-P010: no such field',
    };
    const shown = text({ ...STATUS, reload_error, policy_source: { ...STATUS.policy_source, kind: 'store' } });
    expect(shown).toContain('What is in the store has an error since 2026-11-30T12:01:00.000Z; what was served');
    expect(shown).not.toContain('folders');
  });

  it('says how far the audit log has come, and what becomes of jobs while it cannot be written', () => {
    expect(text({ ...STATUS, audit_log: AUDIT_LOG })).toContain(
      'audit log   /var/lib/leeward/audit/audit.ndjson, record 47, written 2026-11-30T12:00:01.000Z\n',
    );
    const failing = { ...AUDIT_LOG, written: false, problem: 'ENOSPC: no space', since: '2026-11-30T12:02:00.000Z' };
    expect(text({ ...STATUS, audit_log: { ...failing, refuses_jobs: true } })).toContain(
      'not written since 2026-11-30T12:02:00.000Z, no job is accepted: ENOSPC: no space\n',
    );
    expect(text({ ...STATUS, audit_log: failing })).toContain('jobs go on without: ENOSPC');
    expect(text({ ...STATUS, audit_log: null })).toContain('audit log   none\n');
    for (const untold of [{ ...STATUS, connections: null, audit_log: null }, STATUS])
      expect(text(untold)).not.toContain('audit log');
  });

  it('says loudly that a generation is pinned, and that policies come from a store', () => {
    const pinned = {
      ...{ generation: 3, time: '2026-11-30T12:01:00.000Z', message: 'until\u0007 Monday', waiting: true },
      author: { uid: 7, name: null },
    };
    const shown = text({ ...STATUS, policy_source: { kind: 'store', folder: null, pinned, history_problems: [] } });
    expect(shown).toContain('loaded 2026-11-30T12:00:00.000Z, from the store (`leeward policy apply`)\n');
    expect(shown).toContain(
      'PINNED: generation 3 serves whatever changes, since 2026-11-30T12:01:00.000Z, by uid 7: until\\u{7} Monday\nOther policies wait. `leeward policy unpin` ends it.\n',
    );
  });

  it('says what is wrong with the history of policies, and nothing where a daemon is older', () => {
    const policy_source = {
      ...STATUS.policy_source,
      history_problems: ['generation 2\u0007 cannot be read', 'another'],
    };
    expect(text({ ...STATUS, policy_source })).toContain(
      'history     generation 2\\u{7} cannot be read\nhistory     another\n',
    );
    const older = { ...STATUS, policy_source: undefined } as unknown as StatusResult;
    for (const status of [STATUS, older]) expect(text(status)).not.toContain('history');
  });

  it('says why there are no limits', () => {
    const supervisor = {
      ...STATUS.supervisor,
      limits_available: [],
      cgroup_reason: 'not delegated',
      cgroup_base: null,
    };
    expect(text({ ...STATUS, supervisor })).toContain('limits      none (not delegated)');
  });
});
