import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { missingRights } from '../../src/kernel/landlock.js';
import { parseCgroupMembership, parseCgroupMounts } from '../../src/native/cgroup-probe.js';
import { isRoot, user } from '../harness/account.js';
import { DelegatedGroup } from '../harness/delegation.js';
import { namespaceOf, readProc, statusOf } from '../harness/processes.js';
import { holdRunning } from '../harness/running-job.js';
import { asEachAccount } from './harness/account.js';
import { type Fixture, withDaemon } from './harness/fixture.js';

/** What the shipped policies make use of. */
const POLICY_LANDLOCK_ABI = 6;

const NAMESPACE_FILES: Readonly<Record<string, string>> = {
  user: 'user',
  pid: 'pid',
  mount: 'mnt',
  net: 'net',
  ipc: 'ipc',
  uts: 'uts',
  cgroup: 'cgroup',
};

asEachAccount((account) => {
  const at = withDaemon(account);

  describe('the receipt says what the kernel says of the live job', () => {
    it('privileges and identity', async () => {
      const job = await holdRunning(at.daemon, at.client);
      const status = statusOf(job.pid);
      const maps = ['uid_map', 'gid_map'].map((file) =>
        readProc(`/proc/${job.pid}/${file}`)?.trim().split(/\s+/).map(Number),
      );
      const { enforced } = await job.finish();

      expect(status?.get('Seccomp')).toBe('2');
      expect(status?.get('Seccomp_filters')).toBe('1');
      expect(enforced.seccomp.mode).toBe('filter');
      expect(status?.get('NoNewPrivs')).toBe('1');
      expect(enforced.no_new_privs).toBe(true);
      for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
        expect(status?.get(set), set).toMatch(/^0+$/);
      expect(enforced.capabilities_empty).toBe(true);

      const { inside_uid, inside_gid, outside_uid, outside_gid } = enforced.user;
      expect(status?.get('Uid')?.split('\t').map(Number)).toEqual(Array(4).fill(outside_uid));
      expect(status?.get('Gid')?.split('\t').map(Number)).toEqual(Array(4).fill(outside_gid));
      expect(status?.get('Groups')).toBe('');
      // Seen from the reader's namespace: inside id, host id, one id.
      expect(maps).toEqual([
        [inside_uid, outside_uid, 1],
        [inside_gid, outside_gid, 1],
      ]);
      if (account.name === 'root') expect([0, account.uid]).not.toContain(outside_uid);
      else expect(outside_uid).toBe(account.uid);
    });

    it('namespaces: none of them is the host’s', async () => {
      const job = await holdRunning(at.daemon, at.client);
      const inodes = Object.values(NAMESPACE_FILES).map((file) => [
        namespaceOf(job.pid, file),
        namespaceOf('self', file),
      ]);
      const { enforced } = await job.finish();
      expect([...enforced.namespaces].sort()).toEqual(Object.keys(NAMESPACE_FILES).sort());
      for (const [inside, outside] of inodes) expect(inside).not.toBe(outside);
    });

    it('two jobs share no namespace but pooled ones that hold no state', async () => {
      const [one, other] = [await holdRunning(at.daemon, at.client), await holdRunning(at.daemon, at.client)];
      const shared = Object.keys(NAMESPACE_FILES).filter((kind) => {
        const file = NAMESPACE_FILES[kind] ?? '';
        return namespaceOf(one.pid, file) === namespaceOf(other.pid, file);
      });
      await Promise.all([one.finish(), other.finish()]);
      expect(shared).toEqual([]);
    });

    if (account.name === 'root') itTellsLimits(at);
    else itNamesWhatIsMissing(at);

    it('policy, daemon and supervisor', async () => {
      const { enforced, policy } = await at.client.run('pass');
      const status = await at.daemon.status();
      const abi = Math.min(status.supervisor.landlock_abi ?? 0, POLICY_LANDLOCK_ABI);
      const missing = missingRights(POLICY_LANDLOCK_ABI, abi).map(({ name }) => name);
      const landlock = {
        status: missing.length === 0 ? 'fully' : abi === 0 ? 'not_enforced' : 'partially',
        abi,
        missing,
      };
      expect(enforced.policy).toEqual(policy);
      expect(policy.digest).toBe(status.policies.find(({ name }) => name === 'python')?.digest);
      expect(enforced.plan).toBe(status.pools.find((pool) => pool.policy === 'python')?.plan);
      expect(enforced).toMatchObject({
        mode: 'enforce',
        proven: true,
        not_dumpable: true,
        daemon: { uid: account.uid, embedded: false },
        supervisor: { privileged: account.name === 'root' },
        landlock,
      });
      expect(enforced.seccomp.instructions).toBeGreaterThan(50);
      expect(enforced.seccomp.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    });
  });
});

describe.skipIf(!isRoot)('as an ordinary user to whom a control group was given (needs root)', () => {
  const delegated = DelegatedGroup.create(user);
  afterAll(() => delegated?.remove());
  itTellsLimits(withDaemon(user, { delegated }));
});

function itTellsLimits(at: Fixture): void {
  it('limits: the cgroup’s own files have the receipt’s values', async (context) => {
    const available = (await at.daemon.status()).supervisor.limits_available;
    context.skip(!available.includes('memory'), 'needs a delegated memory cgroup');
    const memory_limit = 96 << 20;
    const job = await holdRunning(at.daemon, at.client, '', { memory_limit });
    const files = cgroupFilesOf(job.pid);
    const { enforced } = await job.finish();
    expect(enforced.cgroup.limits).toEqual(files);
    expect(enforced.cgroup.limits.memory).toBe(memory_limit);
    expect(enforced.cgroup.enforced).toEqual(expect.arrayContaining(['memory', 'pids', 'cpu']));
    expect(enforced.cgroup.not_enforced).toEqual([]);
  });
}

function itNamesWhatIsMissing(at: Fixture): void {
  it('what it does not enforce is named', async (context) => {
    const { limits_available, cgroup_reason } = (await at.daemon.status()).supervisor;
    context.skip(limits_available.includes('memory'), 'needs a host where limits are not delegated');
    const { enforced, memory_peak } = await at.client.run('pass');
    expect(enforced.cgroup.not_enforced).toEqual(expect.arrayContaining(['memory', 'pids']));
    expect(enforced.cgroup.enforced).not.toContain('memory');
    expect(enforced.cgroup.limits).toMatchObject({ memory: null, pids: null });
    expect(memory_peak).toBeNull();
    expect(cgroup_reason).toBeTruthy();
  });
}

/** What the files of the process' own control groups hold, whichever version the host has. */
function cgroupFilesOf(pid: number): Record<string, number | null> {
  const mounts = parseCgroupMounts(readFileSync('/proc/self/mountinfo', 'utf8'));
  const membership = readProc(`/proc/${pid}/cgroup`) ?? '';
  const read = (controller: string, file: string, unified: string, field = 0): number | null => {
    const v1 = mounts.find(({ version, controllers }) => version === 1 && controllers.includes(controller));
    const mount = v1 ?? mounts.find(({ version }) => version === 2);
    const path = parseCgroupMembership(membership, v1 === undefined ? undefined : controller);
    const text = readFileSync(join(mount?.point ?? '', path ?? '', v1 === undefined ? unified : file), 'utf8');
    const value = Number(text.trim().split(' ')[v1 === undefined ? field : 0]);
    return Number.isNaN(value) ? null : value;
  };
  return {
    memory: read('memory', 'memory.limit_in_bytes', 'memory.max'),
    pids: read('pids', 'pids.max', 'pids.max'),
    cpu_quota_us: read('cpu', 'cpu.cfs_quota_us', 'cpu.max'),
    cpu_period_us: read('cpu', 'cpu.cfs_period_us', 'cpu.max', 1),
  };
}
