import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRoot } from '../harness/account.js';
import type { Connection } from '../harness/connection.js';
import { TestDaemon } from '../harness/daemon.js';
import { Place } from '../harness/place.js';
import { commandLineOf, statusOf } from '../harness/processes.js';
import { eventually } from '../harness/wait.js';
import { asEachAccount } from './harness/account.js';

const STALLED = fileURLToPath(new URL('../harness/stalled.py', import.meta.url));
const READY = isRoot && existsSync('/dev/fuse');

/** Sources on file systems whose server never answers: such a request ends at the deadline, and stops nobody else. */
asEachAccount((account) => {
  describe.skipIf(!READY)('a source on a file system that does not answer (needs root and /dev/fuse)', () => {
    let daemon: TestDaemon;
    let client: Connection;
    let other: Connection;

    beforeAll(async () => {
      const place = new Place(account);
      const mounts = ['look', 'create', 'inside'].map((mode) => `${mode}=${place.directory(`jobs/${mode}`, 0o755)}`);
      daemon = await TestDaemon.startIn(place, {
        environment: { LEEWARD_OPEN_DEADLINE: '1s', LEEWARD_OPEN_HANGING_MAX: '8' },
        by: ['/usr/bin/python3', '-I', STALLED, ...mounts, '--'],
      });
      client = await daemon.connect();
      other = await daemon.connect();
      await other.run('pass');
    });

    afterAll(async () => {
      for (const pid of servers()) process.kill(pid, 'SIGKILL');
      // Those that are left wait for the next request, not for a file server.
      await eventually('nobody waits any more', 5000, () =>
        helpers().every((pid) => statusOf(pid)?.get('State')?.[0] === 'S'),
      );
      expect(named('leeward-resolve')).toEqual([]);
      client?.close();
      other?.close();
      await daemon?.stop();
    });

    const named = (name: string) => daemon.processes().filter((pid) => statusOf(pid)?.get('Name') === name);
    const helpers = () => [...named('leeward-opener'), ...named('leeward-resolve')];
    const servers = () => daemon.processes().filter((pid) => commandLineOf(pid).includes(STALLED));

    it.each([
      ['to be opened', 'look', true, false],
      ['to be opened, below it', 'look/deep/input', true, false],
      ['to be created', 'create/output', false, false],
      ['to be opened, as an allowed path of its own', 'look', true, true],
      ['to be opened, below an allowed path of its own', 'look/deep/input', true, true],
    ])('%s: refused at the deadline, while others are served', async (_, path, ro, own) => {
      const { place } = daemon;
      const healthy = place.job(`healthy-${Math.random().toString(36).slice(2)}`);
      const host = join(place.jobs, path);
      const mounts = [
        { host: healthy.input, sandbox: '/input' },
        { host, sandbox: '/output', ro },
      ];
      let answered = false;
      const stuck = client
        .execute('print("never")', { allow_paths: own ? [place.jobs, host] : [place.jobs], mounts })
        .finally(() => {
          answered = true;
        });
      expect(await other.ask({ type: 'Ping' })).toMatchObject({ success: true });
      expect((await other.run('print("served")', healthy.fields)).stdout).toBe('served\n');
      expect(answered).toBe(false);
      expect(await stuck).toMatchObject({
        success: false,
        error: {
          code: 'LW_REQUEST_MOUNT_STALLED',
          retryable: true,
          message: expect.stringMatching(
            `^${join(place.jobs, path.split('/')[0] ?? '')}.* is on a file system that did not answer in time$`,
          ),
          ...(own ? {} : { place: { field: 'mounts[1].host' } }),
        },
      });
    });

    it('whose root can be opened: what waits beneath it is the job alone, until its time is over', async () => {
      const host = join(daemon.place.jobs, 'inside');
      const mounts = [{ host, sandbox: '/output', ro: true }];
      const fields = { policy: 'it-served', allow_paths: [daemon.place.jobs], mounts, timeout_secs: 1 };
      const stuck = client.execute('open("/output/file")', fields);
      expect((await other.run('print("served")')).stdout).toBe('served\n');
      // Nobody maps ids of a file system that is served by a program: a service refuses it.
      const code = account.uid === 0 ? 'LW_REQUEST_MOUNT_UNMAPPABLE' : 'LW_JOB_TIMED_OUT';
      expect(await stuck).toMatchObject({ success: false, error: { code } });
      expect((await other.run('print("served")')).stdout).toBe('served\n');
    });
  });
});
