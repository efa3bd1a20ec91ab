/** A root service on a host that has the user `leeward`: the daemon runs as that user, and everything else stays as it is. */
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isRoot, root } from '../../harness/account.js';
import { TestDaemon } from '../../harness/daemon.js';
import { Place } from '../../harness/place.js';
import { statusOf } from '../../harness/processes.js';
import { eventually } from '../../harness/wait.js';

const SERVICE = 60_998;
const POLICY = 'version: 1\nkind: Policy\nname: mine\nextends: [builtin:python@1]\nruntime: python\n';

/** What starts a daemon on a host with that user. It has a mount namespace of its own: the host's file is not touched. */
function asService(place: Place): readonly string[] {
  const entry = `leeward:x:${SERVICE}:${SERVICE}::/nonexistent:/usr/sbin/nologin\n`;
  const passwd = place.file('passwd', readFileSync('/etc/passwd', 'utf8') + entry);
  return ['sh', '-c', `mount --bind ${passwd} /etc/passwd && exec "$@"`, 'sh'];
}

describe.skipIf(!isRoot)('a service with a user of its own (needs root)', () => {
  it('has root’s folders, follows them, and records what it runs', async () => {
    const place = new Place(root);
    chmodSync(join(place.root, 'run'), 0o755);
    const folder = place.directory('policies', 0o755);
    place.file('policies/mine.yaml', POLICY);
    const daemon = await TestDaemon.startIn(place, { by: asService(place), args: ['--policies', folder] });
    const client = await daemon.connect();
    try {
      expect(statusOf(daemon.daemonPid)?.get('Uid')?.split('\t')[0]).toBe(String(SERVICE));
      expect((await client.run('print(1)', { policy: 'mine' })).stdout).toBe('1\n');
      place.file('policies/mine.yaml', `${POLICY}limits: {pids: 9}\n`);
      await eventually('the change', 20_000, async () => (await client.status()).daemon.generation === 2);
      expect((await client.run('print(2)', { policy: 'mine' })).policy?.generation).toBe(2);
    } finally {
      client.close();
      await daemon.stop();
    }
    const log = readFileSync(join(place.state, 'audit', 'audit.ndjson'), 'utf8');
    const kinds = log.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line).kind]));
    expect(kinds).toEqual(['daemon_started', 'policies_loaded', 'job', 'policies_loaded', 'job', 'daemon_stopped']);
  });

  it('has a store that root does not believe, and serves from it within what root has given', async () => {
    const place = new Place(root);
    chmodSync(join(place.root, 'run'), 0o755);
    const by = asService(place);
    const first = await TestDaemon.startIn(place, { by, store: true });
    const connection = await first.connect();
    const applied = await connection.ask({ type: 'PolicyApply', files: { 'mine.yaml': POLICY } });
    connection.close();
    await first.stop();
    expect(applied).toMatchObject({ success: true, result: { generation: 2 } });
    const second = await TestDaemon.startIn(place, { by, store: true });
    const client = await second.connect();
    try {
      expect(second.log).toContain('the paths and users of the store are not given to the service: ');
      // Those of the shipped policies are.
      expect(second.log).not.toContain('the paths of policy');
      for (const policy of ['mine', 'python']) {
        expect((await client.run('print(1)', { policy })).policy).toMatchObject({ name: policy, generation: 2 });
      }
    } finally {
      client.close();
      await second.stop();
    }
  });
});
