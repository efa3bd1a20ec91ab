/** Policies, runtimes and tenants that change while a daemon serves them. */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Account, isRoot, root, user } from '../../harness/account.js';
import { Connection } from '../../harness/connection.js';
import { TestDaemon } from '../../harness/daemon.js';
import { freePort } from '../../harness/free-port.js';
import { Place } from '../../harness/place.js';
import { holdRunning } from '../../harness/running-job.js';
import { eventually } from '../../harness/wait.js';
import { Exposition } from '../../metrics/exposition.js';

const SECONDS = 1000;
const policy = (name: string, rest: string) =>
  `version: 1\nkind: Policy\nname: ${name}\nextends: [builtin:python@1]\nruntime: python\n${rest}`;
const pids = (max: number) => policy('mine', `limits: {pids: ${max}}\n`);

/** A daemon whose policies a test may change, and a client of it. */
class Served {
  readonly daemon: TestDaemon;
  readonly client: Connection;
  readonly folder: string;

  private constructor(daemon: TestDaemon, client: Connection, folder: string) {
    this.daemon = daemon;
    this.client = client;
    this.folder = folder;
  }

  static async start(account: Account, files: Readonly<Record<string, string>>, ...args: string[]): Promise<Served> {
    const place = new Place(account);
    chmodSync(join(place.root, 'run'), 0o755);
    const folder = place.directory('policies', 0o755);
    for (const [name, text] of Object.entries(files)) place.file(join('policies', name), text);
    const revoke = args.includes('--revoke-after') ? [] : ['--revoke-after', '1s'];
    const daemon = await TestDaemon.startIn(place, { args: ['--policies', folder, ...revoke, ...args] });
    return new Served(daemon, await daemon.connect(), folder);
  }

  write(name: string, text: string): void {
    this.daemon.place.file(join('policies', name), text);
  }

  get generation(): Promise<number> {
    return this.client.status().then(({ daemon }) => daemon.generation);
  }

  /** Waits for the generation that follows `act`. */
  async after(act: () => void): Promise<number> {
    const before = await this.generation;
    act();
    return await eventually('the next generation', 20 * SECONDS, async () => {
      const now = await this.generation;
      return now > before ? now : undefined;
    });
  }

  /** Waits until what is in the folders is refused. */
  async refusal(): Promise<string> {
    const failure = await eventually(
      'the refusal',
      20 * SECONDS,
      async () => (await this.client.status()).reload_error,
    );
    return failure.message;
  }

  async mended(): Promise<void> {
    await eventually('that it is mended', 20 * SECONDS, async () => (await this.client.status()).reload_error === null);
  }

  async stop(): Promise<void> {
    this.client.close();
    await this.daemon.stop();
  }
}

const PROCESSES = "print(open('/proc/self/cgroup').read() != '')";

describe.each(isRoot ? [root, user] : [user])('policies that change under a daemon of $name', (account) => {
  let served: Served;
  let port: number;

  beforeAll(async () => {
    port = await freePort();
    const files = { 'mine.yaml': pids(16), 'other.yaml': policy('other', '') };
    served = await Served.start(account, files, '--metrics-port', `${port}`);
  });
  afterAll(() => served?.stop());

  const run = (name = 'mine') => served.client.run(PROCESSES, { policy: name });
  /** Waits until a scrape is so. */
  const scraped = (what: string, isSo: (scrape: Exposition) => boolean) =>
    eventually(what, 20 * SECONDS, async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
      return isSo(new Exposition(await answer.text()));
    });
  const fails = (scrape: Exposition) => scrape.value('leeward_policy_reload_failing');

  it('serve the next request, and say so', async () => {
    const before = await run();
    const generation = await served.after(() => served.write('mine.yaml', pids(17)));
    const after = await run();
    expect(before.policy?.generation).toBe(1);
    expect(after.policy).toMatchObject({ name: 'mine', generation });
    expect(after.policy?.digest).not.toBe(before.policy?.digest);
    // What has not changed goes on with its sandboxes.
    expect((await run('other')).policy?.generation).toBe(generation);
    expect(served.daemon.log).toContain('"msg":"policies have changed"');
  });

  it('are not followed while one of them is broken: the last good ones go on, and the place is told', async () => {
    const generation = await served.generation;
    served.write('mine.yaml', policy('mine', 'limits: {pids: many}\n'));
    const place = `${served.folder}/mine.yaml:6:16`;
    expect(await served.refusal()).toMatch(new RegExp(`^${place}: error LW-`));
    expect((await run()).policy?.generation).toBe(generation);
    await scraped('that it fails', (one) => fails(one) === 1);
    served.write('mine.yaml', pids(17));
    await served.mended();
    await scraped('that it is mended', (one) => fails(one) === 0);
    expect(await served.generation).toBe(generation);
    expect(served.daemon.log.split('"msg":"the policies are as they are served"')).toHaveLength(2);
  });

  it('have no gauge of their own any more when they are gone', async () => {
    const isShown = (one: Exposition) =>
      one.samples('leeward_landlock_status').some(({ labels }) => labels?.['policy'] === 'other');
    await run('other');
    await scraped('the policy', isShown);
    await served.after(() => rmSync(join(served.folder, 'other.yaml')));
    await scraped('no policy', (one) => !isShown(one));
    await served.after(() => served.write('other.yaml', policy('other', '')));
  });

  it('are refused while others may write them', async () => {
    served.write('mine.yaml', pids(18));
    chmodSync(join(served.folder, 'mine.yaml'), 0o666);
    expect(await served.refusal()).toContain('is writable by others');
    await served.after(() => chmodSync(join(served.folder, 'mine.yaml'), 0o644));
    expect((await served.client.status()).reload_error).toBeNull();
  });

  it('may be replaced as editors do it, with their files beside them', async () => {
    await served.after(() => {
      served.write('.mine.yaml.swp', 'not yaml: [');
      served.write('mine.yaml~', 'not yaml: [');
      served.write('mine.new', pids(19));
      renameSync(join(served.folder, 'mine.new'), join(served.folder, 'mine.yaml'));
    });
    expect((await served.client.status()).reload_error).toBeNull();
  });

  it('are one set where a MANIFEST says what belongs to it, however long it takes to write', async () => {
    const generation = await served.generation;
    const sum = (text: string) => createHash('sha256').update(text).digest('hex');
    const other = readFileSync(join(served.folder, 'other.yaml'), 'utf8');
    served.write('MANIFEST', `${sum(pids(20))}  mine.yaml\n${sum(other)}  other.yaml\n`);
    expect(await served.refusal()).toBe(
      `${served.folder}/MANIFEST:1:1: error LW_POLICY_INVALID: the set is not whole: mine.yaml has another text`,
    );
    expect(await served.generation).toBe(generation);
    await served.after(() => served.write('mine.yaml', pids(20)));
    expect((await served.client.status()).reload_error).toBeNull();
    await served.after(() => rmSync(join(served.folder, 'MANIFEST')));
  });

  it('end the jobs that they forbid now, after a while, and let the others end', async () => {
    const narrowed = await holdRunning(served.daemon, served.client, '', { policy: 'mine' });
    const widened = await holdRunning(served.daemon, served.client, '', { policy: 'other' });
    await served.after(() => {
      served.write('mine.yaml', pids(10));
      served.write('other.yaml', policy('other', 'limits: {pids: 100}\n'));
    });
    const result = await narrowed.result;
    expect(result).toMatchObject({ status: 'cancelled' });
    expect((await widened.finish()).policy?.generation).toBeLessThan(await served.generation);
    expect(served.daemon.log).toMatch(/jobs are to end: policy mine is narrower since generation \d+: limits\.pids/);
  });

  it('end the jobs of one that is deleted, and serve it no more', async () => {
    served.write('late.yaml', policy('late', ''));
    await eventually('the policy', 20 * SECONDS, async () =>
      (await served.client.status()).policies.some(({ name }) => name === 'late'),
    );
    const job = await holdRunning(served.daemon, served.client, '', { policy: 'late' });
    await served.after(() => rmSync(join(served.folder, 'late.yaml')));
    expect(await served.client.refused('', { policy: 'late' })).toMatchObject({ code: 'LW_REQUEST_UNKNOWN_POLICY' });
    expect((await job.result).status).toBe('cancelled');
  });

  it('let those wait who wait for an interpreter of a policy that changes meanwhile', async () => {
    const slow = (max: number) =>
      policy('slow', `limits: {pids: ${max}}\n`).replace('runtime: python', 'runtime: slow');
    await served.after(() => {
      mkdirSync(join(served.folder, 'runtimes'), { recursive: true });
      served.write(
        'runtimes/slow.yaml',
        'version: 1\nkind: Runtime\nname: slow\nwarmup: "import time; time.sleep(1.5)"\n',
      );
      served.write('slow.yaml', slow(30));
    });
    const waiting = served.client.run('print(1)', { policy: 'slow' });
    const other = await served.daemon.connect();
    await eventually('the pool opens', 20 * SECONDS, async () =>
      (await other.status()).pools.some((pool) => pool.policy === 'slow' && pool.state === 'opening'),
    );
    const before = (await other.status()).daemon.generation;
    served.write('slow.yaml', slow(31));
    await eventually('the change', 20 * SECONDS, async () => (await other.status()).daemon.generation > before);
    other.close();
    expect((await waiting).policy?.generation).toBeGreaterThan(before);
    expect((await waiting).stdout).toBe('1\n');
  });

  it('fail no request, however often they change', async () => {
    const ends: unknown[] = [];
    let changing = true;
    const client = async () => {
      const own = await served.daemon.connect();
      while (changing) ends.push((await own.execute('print(1)', { policy: 'mine' })).error ?? 'ok');
      own.close();
    };
    const clients = [client(), client(), client()];
    for (let max = 30; max < 36; max++) await served.after(() => served.write('mine.yaml', pids(max)));
    changing = false;
    await Promise.all(clients);
    expect(new Set(ends)).toEqual(new Set(['ok']));
    expect(ends.length).toBeGreaterThan(20);
  });
});

it('a mounted ConfigMap is followed when its link is swapped', async () => {
  const place = new Place(user);
  const folder = place.directory('policies', 0o755);
  const version = (name: string, max: number) => {
    place.directory(`policies/${name}`, 0o755);
    place.file(`policies/${name}/mine.yaml`, pids(max));
  };
  version('..1', 16);
  symlinkSync('..1', join(folder, '..data'));
  symlinkSync(join('..data', 'mine.yaml'), join(folder, 'mine.yaml'));
  const daemon = await TestDaemon.startIn(place, { args: ['--policies', folder] });
  const client = await daemon.connect();
  try {
    const first = await client.run('', { policy: 'mine' });
    version('..2', 17);
    symlinkSync('..2', join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    rmSync(join(folder, '..1'), { recursive: true });
    await eventually('the next generation', 20 * SECONDS, async () => (await client.status()).daemon.generation === 2);
    const second = await client.run('', { policy: 'mine' });
    expect(second.policy).toMatchObject({ generation: 2 });
    expect(second.policy?.digest).not.toBe(first.policy?.digest);
  } finally {
    client.close();
    await daemon.stop();
  }
});

it('a folder that is a link is followed when the link is swapped', async () => {
  const place = new Place(user);
  for (const [version, max] of [
    ['v1', 16],
    ['v2', 17],
    ['v3', 18],
  ] as const) {
    place.directory(version, 0o755);
    place.file(`${version}/mine.yaml`, pids(max));
  }
  const folder = join(place.root, 'policies');
  const swap = (version: string) => {
    symlinkSync(version, join(place.root, 'next'));
    renameSync(join(place.root, 'next'), folder);
  };
  swap('v1');
  const daemon = await TestDaemon.startIn(place, { args: ['--policies', folder] });
  const client = await daemon.connect();
  try {
    for (const [version, generation] of [['v2', 2] as const, ['v3', 3] as const]) {
      swap(version);
      await eventually('the next generation', 20 * SECONDS, async () => {
        return (await client.status()).daemon.generation === generation;
      });
    }
    place.file('v3/mine.yaml', pids(19));
    await eventually('the next generation', 20 * SECONDS, async () => (await client.status()).daemon.generation === 4);
  } finally {
    client.close();
    await daemon.stop();
  }
});

describe('a policy that is put right again', () => {
  let served: Served;

  beforeAll(async () => {
    served = await Served.start(user, { 'mine.yaml': pids(32) }, '--revoke-after', '1h');
  });
  afterAll(() => served?.stop());

  it('takes the deadline of its jobs back', async () => {
    const job = await holdRunning(served.daemon, served.client, '', { policy: 'mine' });
    await served.after(() => served.write('mine.yaml', pids(20)));
    await eventually(
      'the deadline',
      5 * SECONDS,
      async () => served.daemon.log.includes('jobs are to end') || undefined,
    );
    await served.after(() => served.write('mine.yaml', pids(32)));
    await eventually('its end', 5 * SECONDS, async () => {
      return served.daemon.log.includes('"jobs":1,"generation":3,"msg":"jobs that were to end may go on"') || undefined;
    });
    expect((await job.finish()).status).toBe('ok');
  });
});

describe.skipIf(!isRoot)('tenants that change (needs root)', () => {
  const acme: Account = { name: 'user', uid: 12_601, gid: 12_601 };
  const tenant = (rest: string) =>
    `version: 1\nkind: Tenant\nname: acme\nidentities: {uids: [${acme.uid}]}\npolicies: [mine]\n${rest}`;

  it('have what their file says now, and lose policies that the ceiling no longer allows', async () => {
    const place = new Place(root);
    chmodSync(join(place.root, 'run'), 0o755);
    const folder = place.directory('policies', 0o755);
    mkdirSync(join(folder, 'tenants'));
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
    write('mine.yaml', pids(16));
    write('bound.yaml', policy('bound', 'limits: {pids: 20}\n'));
    write('tenants/acme.yaml', tenant('ceiling: bound\nquota: {concurrent: 2}\n'));
    const daemon = await TestDaemon.startIn(place, { args: ['--policies', folder, '--revoke-after', '0s'] });
    const client = await Connection.open(place.socket, acme);
    try {
      expect((await client.run('', { policy: 'mine' })).status).toBe('ok');
      write('tenants/acme.yaml', tenant('ceiling: bound\nquota: {concurrent: 3}\n'));
      await eventually('the quota', 20 * SECONDS, async () => {
        return (await client.status()).tenants[0]?.quota.concurrent === 3;
      });
      write('tenants/acme.yaml', tenant('ceiling: boumd\nquota: {concurrent: 3}\n'));
      await eventually('the refusal', 20 * SECONDS, async () => {
        return (await daemon.status()).reload_error?.message.includes('error LW-U900');
      });
      expect((await client.run('', { policy: 'mine' })).policy?.generation).toBe(2);
      write('tenants/acme.yaml', tenant('ceiling: bound\nquota: {concurrent: 3}\n'));
      write('bound.yaml', policy('bound', 'limits: {pids: 10}\n'));
      await eventually('the ceiling', 20 * SECONDS, async () => (await client.status()).daemon.generation === 3);
      expect(await client.refused('', { policy: 'mine' })).toMatchObject({ code: 'LW_REQUEST_POLICY_NOT_ALLOWED' });
      expect((await client.status()).tenants[0]?.policy_errors).toEqual([
        expect.stringMatching(/acme\.yaml:5:12: mine: LW-U905: /),
      ]);
      expect(daemon.log).toContain('`mine` is not within the ceiling `bound`');
      write('bound.yaml', policy('bound', 'limits: {pids: 20}\n'));
      await eventually('the ceiling', 20 * SECONDS, async () => (await client.status()).daemon.generation === 4);
      const job = client.run('import time; time.sleep(60)', { policy: 'mine' });
      await eventually('the job', 20 * SECONDS, async () => (await daemon.status()).jobs.running === 1);
      rmSync(join(folder, 'tenants/acme.yaml'));
      expect((await job).status).toBe('cancelled');
      expect(daemon.log).toContain('tenant acme may not use policy mine since generation 5');
    } finally {
      client.close();
      await daemon.stop();
    }
  });
});
