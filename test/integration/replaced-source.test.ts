import { linkSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../harness/connection.js';
import { TestDaemon } from '../harness/daemon.js';
import { Place } from '../harness/place.js';
import { commandLineOf, statusOf } from '../harness/processes.js';
import { holdRunning } from '../harness/running-job.js';
import { eventually } from '../harness/wait.js';
import { asEachAccount } from './harness/account.js';

const READ = 'print(open("/etc/table").read())';

const isPython = (pid: number) => /python3/.test(commandLineOf(pid)[0] ?? '');
const depthOf = (pid: number) => statusOf(pid)?.get('NSpid')?.split(/\s+/).length ?? 0;

const policyWith = (source: string) => `version: 1
kind: Policy
name: mine
extends: [python]

mounts:
  - {source: ${source}, target: /etc/table, readOnly: true}

landlock:
  read: [/etc/table]
`;

asEachAccount((account) => {
  describe('a file that the policy mounts, and that the host replaces as package managers do', () => {
    let place: Place;
    let daemon: TestDaemon;
    const clients: Connection[] = [];
    let version = 0;
    const connect = async () => {
      const client = await daemon.connect();
      clients.push(client);
      return client;
    };
    const replace = () => {
      renameSync(place.file('next', String(++version)), join(place.root, 'table'));
    };
    beforeAll(async () => {
      place = new Place(account);
      place.directory('policies', 0o755);
      place.file('policies/mine.yaml', policyWith(place.file('table', '0')));
      daemon = await TestDaemon.startIn(place, { args: ['--policies', join(place.root, 'policies')] });
    });
    afterAll(async () => {
      for (const client of clients) client.close();
      await daemon.stop();
    });

    it('is the new one for every job that comes after it, and no job fails', async () => {
      const wrong: unknown[] = [];
      let ended = false;
      let ran = 0;
      const load = async () => {
        const client = await connect();
        while (!ended) {
          const before = version;
          const { result, error } = await client.execute(READ, { policy: 'mine' });
          ran++;
          if (!(Number(result?.stdout || -1) >= before)) wrong.push({ before, stdout: result?.stdout, error });
        }
      };
      const loads = [load(), load(), load()];
      for (let i = 0; i < 4; i++) {
        const seen = ran;
        while (ran < seen + 6 && wrong.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
        replace();
      }
      ended = true;
      await Promise.all(loads);
      expect(wrong).toEqual([]);
    });

    it('stays what it was for a job that runs, which comes to its end', async () => {
      const client = await connect();
      const before = String(version);
      const held = await holdRunning(daemon, client, READ, { policy: 'mine' });
      replace();
      expect((await (await connect()).run(READ, { policy: 'mine' })).stdout).toBe(`${version}\n`);
      expect(await held.finish()).toMatchObject({ status: 'ok', stdout: `${before}\n` });
    });

    it('is the new one though the host keeps the old one by another name', async () => {
      const client = await connect();
      const run = async () => (await client.run(READ, { policy: 'mine' })).stdout;
      expect(await run()).toBe(`${version}\n`);
      linkSync(join(place.root, 'table'), join(place.root, 'kept'));
      replace();
      expect(await run()).toBe(`${version}\n`);
    });

    it('is the new one for a job that was sent to a pool which had ended meanwhile', async () => {
      const client = await connect();
      await client.run(READ, { policy: 'mine' });
      const workers = () => daemon.processes().filter(isPython);
      // A zygote is less deep than what it has forked.
      const deepest = () => workers().reduce((found, pid) => (depthOf(pid) > depthOf(found) ? pid : found));
      await eventually('a standby job', 10_000, () => new Set(workers().map(depthOf)).size > 1);
      process.kill(daemon.daemonPid, 'SIGSTOP');
      const late = client.execute(READ, { policy: 'mine' });
      replace();
      // Making the next one fails, and with that the pool ends; the daemon reads the request before it hears of that.
      process.kill(deepest(), 'SIGKILL');
      await eventually('the pool is gone', 10_000, () => workers().length === 0).finally(() =>
        process.kill(daemon.daemonPid, 'SIGCONT'),
      );
      const { result, error } = await late;
      expect({ stdout: result?.stdout, error }).toEqual({ stdout: `${version}\n`, error: undefined });
    });

    it('refuses jobs once it is gone, and names it', async () => {
      const path = join(place.root, 'table');
      const text = readFileSync(path);
      rmSync(path);
      const client = await connect();
      const { error } = await client.execute(READ, { policy: 'mine' });
      expect(error).toMatchObject({ code: 'LW_SANDBOX_ERROR', message: expect.stringContaining(path) });
      place.file('table', text);
      expect((await client.run(READ, { policy: 'mine' })).stdout).toBe(`${version}\n`);
    });
  });
});
