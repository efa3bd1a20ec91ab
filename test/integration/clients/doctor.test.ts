import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { isRoot, user } from '../../harness/account.js';
import { type Ended, run } from '../../harness/command.js';
import { groupsBeneath } from '../../harness/delegation.js';
import { testHost } from '../../harness/host.js';
import { Place } from '../../harness/place.js';
import { asEachAccount } from '../harness/account.js';

interface Finding {
  readonly check: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly tried?: string;
  readonly message: string;
  readonly remedy?: string;
}

interface Report {
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}

const LAYERS = [
  'user namespace',
  'mount namespace',
  'pid namespace',
  'network namespace',
  'ipc namespace',
  'uts namespace',
  'cgroup namespace',
  'mounts',
  'id-mapped mount',
  'no_new_privs',
  'landlock',
  'capabilities',
  'rlimits',
  'seccomp',
  'cgroup',
  'process limit',
  'memory limit',
];

/**
 * Becomes an ordinary user in a user namespace that may have no more of them, and runs a command: no sysctl of the host is touched.
 * All ids are mapped, so that root's files still are root's. Arguments: uid, gid, the command.
 */
const WITHOUT_USER_NAMESPACES = `
import ctypes, os, sys
uid, gid, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
CLONE_NEWUSER = 0x10000000
parent = os.getpid()
(made_read, made), (mapped, mapped_write) = os.pipe(), os.pipe()
if os.fork() == 0:
    os.close(made)
    os.read(made_read, 1)
    for name in ("uid_map", "gid_map"):
        with open(f"/proc/{parent}/{name}", "w") as file:
            file.write("0 0 65536")
    os.write(mapped_write, b"x")
    os._exit(0)
if ctypes.CDLL(None).unshare(CLONE_NEWUSER) != 0:
    sys.exit("unshare")
os.close(made)
os.read(mapped, 1)
with open("/proc/sys/user/max_user_namespaces", "w") as file:
    file.write("0")
os.setgroups([])
os.setresgid(gid, gid, gid)
os.setresuid(uid, uid, uid)
os.execv(command[0], command)
`;

function doctor(place: Place): Promise<Ended> {
  const { node, root } = testHost().installation;
  return run(place, [node, join(root, 'bin/leeward'), 'doctor', '--json'], {
    environment: { TMPDIR: place.home },
  });
}

asEachAccount((account) => {
  describe('leeward doctor', () => {
    let place: Place;
    let ended: Ended;
    let report: Report;
    const line = (check: string): Finding | undefined => report.findings.find((finding) => finding.check === check);

    beforeAll(async () => {
      place = new Place(account);
      ended = await doctor(place);
      report = JSON.parse(ended.stdout) as Report;
    });

    it('has one form for programs', () => {
      expect(Object.keys(report).sort()).toEqual(['findings', 'ok']);
      expect(ended.exitCode).toBe(report.ok ? 0 : 1);
      for (const finding of report.findings) {
        const { check, status, message, remedy, tried, ...rest } = finding;
        expect(rest).toEqual({});
        expect(status).toMatch(/^(ok|warn|fail)$/);
        expect(remedy === undefined, check).toBe(status === 'ok');
        expect(message).not.toBe('');
        if (tried !== undefined) expect(check).toMatch(/^(try|job) /);
      }
    });

    it('tries every layer, and a real job under the simplest and the default policy', () => {
      const tried = report.findings.filter(({ check }) => check.startsWith('try ')).map(({ check }) => check.slice(4));
      expect(tried).toEqual(LAYERS);
      const hard = LAYERS.filter((layer) => !['cgroup', 'process limit', 'memory limit'].includes(layer));
      for (const layer of hard) expect(line(`try ${layer}`)).toMatchObject({ status: 'ok' });
      expect(line('job python')).toMatchObject({ status: 'ok', message: expect.stringContaining('7 namespaces') });
      expect(line('job python-data')).toMatchObject({ status: 'ok' });
    });

    it('sees limits held where there are control groups', (context) => {
      context.skip(line('try cgroup')?.status !== 'ok', 'needs a control group');
      expect(line('try memory limit')).toMatchObject({ status: 'ok', message: expect.stringContaining('killed by') });
      expect(line('try process limit')).toMatchObject({ status: 'ok', message: 'EAGAIN after 16' });
    });

    it('leaves nothing behind', () => {
      expect(readdirSync(place.home).filter((name) => name.startsWith('leeward-doctor'))).toEqual([]);
      const hierarchies = groupsBeneath('/sys/fs/cgroup').map((group) => basename(group));
      const group = place.environment['LEEWARD_CGROUP'] ?? '';
      expect(hierarchies.filter((name) => name.startsWith(`${group}-doctor`))).toEqual([]);
    });
  });
});

describe.skipIf(!isRoot)('leeward doctor where user namespaces are forbidden (needs root)', () => {
  it('says so at each line that needs one, with a remedy, and exits with 1', () => {
    const { node, root } = testHost().installation;
    const command = [node, join(root, 'bin/leeward'), 'doctor', '--json'];
    const argv = ['-I', '-c', WITHOUT_USER_NAMESPACES, String(user.uid), String(user.gid), ...command];
    const { environment: env, home: cwd } = new Place(user);
    const { stdout, status: exitCode } = spawnSync('/usr/bin/python3', argv, { env, cwd, encoding: 'utf8' });
    const { ok, findings } = JSON.parse(stdout) as Report;
    expect({ exitCode, ok }).toEqual({ exitCode: 1, ok: false });
    const failed = findings.filter(({ check, status }) => check.startsWith('try ') && status === 'fail');
    const needing = LAYERS.filter(
      (layer) => layer.endsWith(' namespace') || ['mounts', 'capabilities'].includes(layer),
    );
    expect(failed.map(({ check }) => check.slice(4)).sort()).toEqual([...needing].sort());
    for (const { remedy } of failed) expect(remedy).toBe('sysctl -w user.max_user_namespaces=65536');
    expect(findings.find(({ check }) => check === 'try landlock')).toMatchObject({ status: 'ok' });
    expect(findings.find(({ check }) => check === 'try seccomp')).toMatchObject({ status: 'ok' });
    expect(findings.find(({ check }) => check === 'job python')).toMatchObject({ status: 'fail' });
  });
});
