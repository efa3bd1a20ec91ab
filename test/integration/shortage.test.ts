import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Account, commandAs } from '../harness/account.js';
import type { Connection } from '../harness/connection.js';
import { TestDaemon } from '../harness/daemon.js';
import { Place } from '../harness/place.js';
import { eventually } from '../harness/wait.js';
import { asEachAccount } from './harness/account.js';

/** Fewer than either process holds: what it has it keeps, and there is no room for a job. */
const FEW = '16';

// What is short is refused with words, nothing is left half done, and what works again works again.
asEachAccount((account) => {
  describe('descriptors run out', () => {
    let daemon: TestDaemon;
    let client: Connection;

    beforeEach(async () => {
      daemon = await TestDaemon.start(account);
      client = await daemon.connect();
      expect((await client.run('print(1)')).stdout).toBe('1\n');
    });

    afterEach(async () => {
      client.close();
      await daemon.stop();
    });

    it('in the supervisor: jobs are refused for want of descriptors, and run again later', async () => {
      const [, inner = 0] = daemon.supervisorPids;
      const before = withoutDescriptors(account, inner);
      // Workers in standby have theirs already: the shortage shows when they are used up.
      const refused = await eventually('a job is refused', 20_000, async () => {
        const result = await client.run('print(2)').catch((error: Error) => error.message);
        return typeof result === 'string' || result.status !== 'ok' ? JSON.stringify(result) : undefined;
      });
      // Without room for them the kernel drops the descriptors that come with a request.
      expect(refused).toMatch(/EMFILE|too many open files|descriptors did not all arrive/i);
      limitDescriptors(account, inner, before);
      await eventually('a job runs again', 20_000, async () => {
        const result = await client.run('print(3)').catch(() => undefined);
        return result?.stdout === '3\n';
      });
    });

    it('in the daemon: who is connected is answered, and who comes later is served', async () => {
      const before = withoutDescriptors(account, daemon.daemonPid);
      const answer = await client.run('print(2)').then(
        (result) => result.stdout,
        (error: Error) => error.message,
      );
      expect(answer).toMatch(/^2\n$|EMFILE|too many open files/i);
      limitDescriptors(account, daemon.daemonPid, before);
      const other = await eventually('a new client is served', 10_000, () => daemon.connect().catch(() => undefined));
      expect((await other.run('print(3)')).stdout).toBe('3\n');
      other.close();
    });
  });

  it('a state directory that cannot be written is refused by name, and taken once it can', async (context) => {
    context.skip(account.uid === 0, 'root may write everywhere');
    const place = new Place(account);
    chmodSync(place.state, 0o500);
    await expect(TestDaemon.startIn(place)).rejects.toThrow(place.state);
    chmodSync(place.state, 0o700);
    const daemon = await TestDaemon.startIn(place);
    const client = await daemon.connect();
    expect((await client.run('print(1)')).stdout).toBe('1\n');
    client.close();
    await daemon.stop();
  });
});

/** Returns the soft limit that the process had. */
function withoutDescriptors(account: Account, pid: number): string {
  const soft = prlimit(account, ['--pid', `${pid}`, '--nofile', '--output=SOFT', '--noheadings']).trim();
  limitDescriptors(account, pid, FEW);
  return soft;
}

function limitDescriptors(account: Account, pid: number, soft: string): void {
  prlimit(account, ['--pid', `${pid}`, `--nofile=${soft}:`]);
}

/** As the account itself: root has no right over the limits of others where CAP_SYS_RESOURCE is missing. */
function prlimit(account: Account, options: readonly string[]): string {
  const [command = '', ...args] = commandAs(account, ['prlimit', ...options]);
  return execFileSync(command, args, { encoding: 'utf8' });
}
