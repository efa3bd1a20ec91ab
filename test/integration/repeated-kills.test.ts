import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { TestDaemon } from '../harness/daemon.js';
import { DelegatedGroup, groupsOf } from '../harness/delegation.js';
import { Place } from '../harness/place.js';
import { descendantsOf } from '../harness/processes.js';
import { idleDescriptors, namesBeneath, Traces } from '../harness/traces.js';
import { eventually } from '../harness/wait.js';
import { asEachAccount } from './harness/account.js';

/** How often each is killed: a few on every change, 200 before a release (`LEEWARD_KILLS=200`). */
const KILLS = Number(process.env['LEEWARD_KILLS'] ?? 5);
const CLIENTS = 4;
/** The kill comes at any moment of the jobs' lives: within so many milliseconds of the load's start, a prime apart. */
const MOMENTS = 120;
const STEP = 37;

const LOAD = [
  'print("hello")',
  'import os\nfor _ in range(3):\n  if os.fork() == 0:\n    import time; time.sleep(60)\n',
  'import threading, time\nfor _ in range(8): threading.Thread(target=time.sleep, args=(60,)).start()\n',
  'open("/tmp/x", "wb").write(bytes(1 << 20))\nwhile True: pass\n',
];

/** Which process of a daemon is killed, by rounds in turn. As root the one that serves is not the one that was started. */
const DAEMON_VICTIMS = ['daemonPid', 'mainPid', 'keeperPid'] as const;

asEachAccount((account) => {
  const delegated = account.name === 'user' ? DelegatedGroup.create(account) : undefined;
  afterAll(() => delegated?.remove());

  describe(`${KILLS} supervisors and ${KILLS} daemons are killed under load, one after the other`, () => {
    it('what was theirs is gone, and the next one works at once', { timeout: 60_000 + KILLS * 20_000 }, async () => {
      const place = new Place(account);
      let daemon = await TestDaemon.startIn(place, { delegated });
      onTestFinished(() => daemon.stop());
      const { cgroup_base: base } = (await daemon.status()).supervisor;
      const names = namesBeneath(place.root);
      await works(daemon);
      for (let round = 0; round < KILLS; round++) {
        const others = [daemon.daemonPid, daemon.keeperPid ?? daemon.mainPid];
        const before = await idleDescriptors(others);
        const ofSupervisor = await killSupervisor(daemon, round, base);
        await works(daemon);
        expect(await idleDescriptors(others)).toEqual(before);
        expect(ofSupervisor.groupsLeft()).toEqual([]);
        expect((await daemon.status()).supervisor).toMatchObject({ state: 'ready', restarts: 1 });

        const ofDaemon = await killDaemon(daemon, round, base);
        await daemon.stop();
        daemon = await TestDaemon.startIn(place, { delegated });
        expect(ofDaemon.groupsLeft()).toEqual([]);
        expect(namesBeneath(place.root)).toEqual(names);
        await works(daemon);
      }
      await daemon.stop();
      await eventually('no control group of ours', 2000, () => base === null || groupsOf(base).length === 0);
    });
  });
});

async function killSupervisor(daemon: TestDaemon, round: number, base: string | null): Promise<Traces> {
  return await killUnderLoad(daemon, round, () => {
    const [outer = 0, inner = outer] = daemon.supervisorPids;
    const traces = new Traces(daemon, [outer, ...descendantsOf(outer)], base);
    return { victim: round % 2 === 0 ? outer : inner, traces };
  });
}

async function killDaemon(daemon: TestDaemon, round: number, base: string | null): Promise<Traces> {
  const traces = await killUnderLoad(daemon, round, () => {
    const victim = daemon[DAEMON_VICTIMS[round % DAEMON_VICTIMS.length] ?? 'daemonPid'] ?? daemon.daemonPid;
    return { victim, traces: new Traces(daemon, daemon.processes(), base) };
  });
  // Also those that were born between the two.
  await eventually('no process of ours', 2000, () => daemon.processes().length === 0);
  return traces;
}

/** Loads the daemon, kills one of its processes at some moment, waits for the end of the load and of all that was to go. */
async function killUnderLoad(
  daemon: TestDaemon,
  round: number,
  choose: () => { victim: number; traces: Traces },
): Promise<Traces> {
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => daemon.connect()));
  const jobs = clients.map((client, index) =>
    client.run(LOAD[(round + index) % LOAD.length] ?? '', { timeout_secs: 20 }),
  );
  const ended = Promise.allSettled(jobs);
  await sleep((round * STEP) % MOMENTS);
  const { victim, traces } = choose();
  // Only a descendant of the init that this test started.
  if (!daemon.processes().includes(victim)) throw new Error('nothing to kill');
  process.kill(victim, 'SIGKILL');
  await traces.areGone();
  await ended;
  for (const client of clients) client.close();
  return traces;
}

async function works(daemon: TestDaemon): Promise<void> {
  const client = await daemon.connect();
  try {
    expect((await client.run('print("next")')).stdout).toBe('next\n');
  } finally {
    client.close();
  }
}
