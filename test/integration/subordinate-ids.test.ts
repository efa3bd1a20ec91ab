import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRoot, user } from '../harness/account.js';
import type { Connection, ExecuteFields } from '../harness/connection.js';
import { type DaemonOptions, TestDaemon } from '../harness/daemon.js';
import { Place } from '../harness/place.js';

const UIDS = 1_970_000_000;
const GIDS = 1_980_000_000;
const READY = isRoot && existsSync('/usr/bin/newuidmap') && existsSync('/usr/bin/newgidmap');

/** Sees the first directory's files in /etc, in the daemon's mount namespace alone; then becomes the command. */
const WITH_ETC = 'mount -t overlay overlay -o lowerdir="$1:/etc" /etc && shift && exec "$@"';
const WITH_ANOTHER_TOOL = 'mount --bind "$1" "$2" && shift 2 && exec "$@"';

/** A daemon of an ordinary user to whom this host, as the daemon sees it, gives subordinate ids. */
function withSubordinateIds({ environment = {}, by = [] }: DaemonOptions = {}) {
  let daemon: TestDaemon;
  let client: Connection;
  beforeAll(async () => {
    const place = new Place(user);
    place.directory('etc', 0o755, { uid: 0, gid: 0 });
    const put = (name: string, text: string) => place.file(`etc/${name}`, text, 0o644, { uid: 0, gid: 0 });
    put('passwd', `${readFileSync('/etc/passwd', 'utf8')}sandboxer:x:${user.uid}:${user.gid}::/:/bin/sh\n`);
    put('subuid', `sandboxer:${UIDS}:65536\n`);
    put('subgid', `sandboxer:${GIDS}:65536\n`);
    const etc = ['/bin/sh', '-c', WITH_ETC, 'sh', join(place.root, 'etc')];
    daemon = await TestDaemon.startIn(place, { environment, by: [...etc, ...by] });
    client = await daemon.connect();
  });
  afterAll(async () => {
    client?.close();
    await daemon?.stop();
  });
  const receipt = async (code: string, fields: ExecuteFields = {}) => {
    const { status, stdout, enforced } = await client.run(code, fields);
    expect(status).toBe('ok');
    return { stdout, user: enforced?.user, runAs: enforced?.supervisor.jobs_run_as };
  };
  return { receipt, place: () => daemon.place, log: () => daemon.log };
}

const ALONE = { outside_uid: user.uid, outside_gid: user.gid };

describe.skipIf(!READY)('an ordinary user with subordinate ids (needs root and the package uidmap)', () => {
  describe('where the tools map them', () => {
    const at = withSubordinateIds();

    it('each job has host ids of its own, and none of the user’s', async () => {
      const code =
        'import time; time.sleep(0.5); print([l for l in open("/proc/self/status") if l[:6] == "Groups"][0].split())';
      const jobs = await Promise.all([at.receipt(code), at.receipt(code)]);
      for (const job of jobs) expect(job).toMatchObject({ runAs: 'slot', stdout: "['Groups:']\n" });
      const uids = jobs.map((job) => (job.user?.outside_uid ?? 0) - UIDS).sort();
      expect(jobs.map((job) => (job.user?.outside_gid ?? 0) - GIDS).sort()).toEqual(uids);
      expect(uids[0]).toBeGreaterThanOrEqual(0);
      expect(uids[1]).toBeGreaterThan(uids[0] ?? 0);
      expect(uids[1]).toBeLessThan(4096);
      expect(at.log()).not.toContain("the user's own id");
    });

    it('a job with mounts, which nobody can id-map, has the user’s, and what it makes is his', async () => {
      const job = at.place().job('mine');
      expect(await at.receipt('open("/output/made", "w").write("x")', job.fields)).toMatchObject({
        runAs: 'user',
        user: ALONE,
      });
      expect(statSync(join(job.output, 'made'))).toMatchObject({ uid: user.uid, gid: user.gid });
    });
  });

  describe.each([
    ['fails', '/bin/false', '/usr/bin/newgidmap', 'newgidmap ended by exit code 1'],
    // Whose output nobody reads, so that it waits for ever.
    ['does not end', '/usr/bin/yes', '/usr/bin/newuidmap', 'newuidmap did not end in time'],
  ])('where a tool %s', (_, program, tool, reason) => {
    const at = withSubordinateIds({
      environment: { LEEWARD_WORKER_DEADLINE: '3s' },
      by: ['/bin/sh', '-c', WITH_ANOTHER_TOOL, 'sh', program, tool],
    });

    it('all jobs have the user’s own id, which the receipt says, and the log why', async () => {
      expect(await at.receipt('pass')).toMatchObject({ runAs: 'user', user: ALONE });
      expect(at.log()).toContain(`all jobs have the user's own id: ${reason}`);
    });
  });

  describe('where the setting is off', () => {
    const at = withSubordinateIds({ environment: { LEEWARD_SUBORDINATE_IDS: 'off' } });

    it('all jobs have the user’s own id', async () => {
      expect(await at.receipt('pass')).toMatchObject({ runAs: 'user', user: ALONE });
    });
  });
});
