import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Account, isRoot, root, user } from '../harness/account.js';
import { Connection } from '../harness/connection.js';
import { TestDaemon } from '../harness/daemon.js';
import { Place } from '../harness/place.js';

/** ramfs takes no id map; it is mounted where the daemon is, and nowhere else. */
const WITH_RAMFS = 'mount -t ramfs -o mode=0700 ramfs "$1" && chown "$2" "$1" && shift 2 && exec "$@"';

/** A mount on a file system that takes no id map, asked for through the socket. */
describe.skipIf(!isRoot)('a source that cannot be id-mapped (needs root)', () => {
  function withRamfs(account: Account) {
    let daemon: TestDaemon;
    let client: Connection;
    beforeAll(async () => {
      const place = new Place(account);
      const directory = place.directory('jobs/unmapped');
      const owner = `${account.uid}:${account.gid}`;
      daemon = await TestDaemon.startIn(place, { by: ['/bin/sh', '-c', WITH_RAMFS, 'sh', directory, owner] });
      client = await daemon.connect();
    });
    afterAll(async () => {
      client?.close();
      await daemon?.stop();
    });
    return (policy: string) => {
      const { jobs } = daemon.place;
      const mounts = [{ host: join(jobs, 'unmapped'), sandbox: '/output', ro: false }];
      const code = 'import os; open("/output/new", "w").write("x"); print(os.stat("/output/new").st_uid)';
      return client.execute(code, { policy, allow_paths: [jobs], mounts });
    };
  }

  describe('for root', () => {
    const execute = withRamfs(root);

    it('is refused with a hint, where the policy says so', async () => {
      expect(await execute('it-unmapped')).toMatchObject({
        success: false,
        error: {
          code: 'LW_REQUEST_MOUNT_UNMAPPABLE',
          hint: expect.stringContaining('withoutIdMap: runAsPeer'),
          place: { field: 'mounts[0].host' },
        },
      });
    });

    it('is refused by any policy, as no job has root’s ids', async () => {
      expect(await execute('it-unmapped-as-peer')).toMatchObject({
        success: false,
        error: { code: 'LW_SANDBOX_ENVELOPE', hint: expect.stringContaining('ask as an ordinary user') },
      });
    });
  });

  describe('for an ordinary user’s own daemon', () => {
    const execute = withRamfs(user);

    it.each(['it-unmapped', 'it-unmapped-as-peer'])(
      'is mounted as it is, and the receipt says so (%s)',
      async (policy) => {
        const { result } = await execute(policy);
        expect(result).toMatchObject({ status: 'ok', stdout: '0\n' });
        expect(result?.enforced).toMatchObject({
          id_mapped_mounts: false,
          user: { outside_uid: user.uid },
          supervisor: { jobs_run_as: 'user' },
        });
      },
    );
  });

  describe('for a tenant of root’s daemon', () => {
    const tenant: Account = { name: 'user', uid: 12_501, gid: 12_501 };
    let daemon: TestDaemon;
    let client: Connection;
    beforeAll(async () => {
      const place = new Place(root);
      chmodSync(join(place.root, 'run'), 0o755);
      const directory = place.directory('jobs/acme', 0o700, tenant);
      mkdirSync(join(place.root, 'policies', 'tenants'), { recursive: true });
      const file = (name: string, text: string) =>
        place.file(`policies/${name}.yaml`, `version: 1\n${text}`, 0o644, root);
      const allowed = `requestMounts: {remove: [/data/jobs], allowedPaths: ["${place.jobs}/\${tenant}"]}`;
      file('as-peer', `kind: Policy\nname: as-peer\nextends: [it-unmapped-as-peer]\n${allowed}\n`);
      file('tenants/acme', `kind: Tenant\nname: acme\nidentities: {uids: [${tenant.uid}]}\npolicies: [as-peer]\n`);
      daemon = await TestDaemon.startIn(place, {
        args: [
          '--policies',
          join(place.root, 'policies'),
          '--socket-mode',
          '0660',
          '--socket-group',
          String(tenant.gid),
        ],
        by: ['/bin/sh', '-c', WITH_RAMFS, 'sh', directory, `${tenant.uid}:${tenant.gid}`],
      });
      client = await Connection.open(place.socket, tenant);
    });
    afterAll(async () => {
      client?.close();
      await daemon?.stop();
    });

    it('is mounted as it is, and the job has the tenant’s ids', async () => {
      const mounts = [{ host: join(daemon.place.jobs, 'acme'), sandbox: '/output', ro: false }];
      const code = 'import os; open("/output/new", "w").write("x"); print(os.stat("/output/new").st_uid)';
      const { result } = await client.execute(code, { policy: 'as-peer', mounts });
      expect(result).toMatchObject({ status: 'ok', stdout: '0\n' });
      expect(result?.enforced).toMatchObject({
        id_mapped_mounts: false,
        user: { outside_uid: tenant.uid, outside_gid: tenant.gid },
        supervisor: { jobs_run_as: 'peer' },
      });
    });

    it('is asked for through a socket with the mode and group that were given', () => {
      const { mode, gid } = statSync(daemon.place.socket);
      expect({ mode: mode & 0o777, gid }).toEqual({ mode: 0o660, gid: tenant.gid });
    });
  });
});
