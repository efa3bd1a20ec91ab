/**
 * The first thing that a job does is to fork. A child is born where its parent is, and is never moved: its group is the
 * one that the job was in at its first instruction, however late one looks.
 */
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { descendantsOf, holdersOf, readProc } from '../../harness/processes.js';
import { eventually } from '../../harness/wait.js';
import { type GroupPlaces, membershipsIn, placesOf } from '../posture/groups.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import { withNaiveGroup } from './control-groups.js';

export const probe: HostProbe = { control, run };

/** More than a pool has in standby: the rest is forked on the spot. */
const AT_ONCE = 10;

const codeOf = (marker: string, go: string): string => `
import os, time
child = os.fork()
kept = open(${JSON.stringify(marker)})
while not os.path.exists(${JSON.stringify(go)}):
    time.sleep(0.005)
if child == 0:
    os._exit(0)
`;

/** What moves a worker into its group once it has started. */
async function control({ scratch }: HostContext): Promise<readonly HostAttempt[]> {
  const [marker, go] = [join(scratch, 'marker'), join(scratch, 'go')];
  writeFileSync(marker, '');
  return withNaiveGroup('late', async (group) => {
    const child = spawn('/usr/bin/python3', ['-I', '-c', codeOf(marker, go)], { stdio: 'ignore' });
    const pid = child.pid ?? 0;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const pids = await eventually('both run', 10_000, () => bothOf(holdersOf(marker, [pid, ...descendantsOf(pid)]), 1));
    writeFileSync(join(group, 'cgroup.procs'), String(pid));
    const outside = pids.filter(
      (pid) => !(readProc(`/proc/${pid}/cgroup`) ?? '').includes(group.slice(group.lastIndexOf('/'))),
    );
    writeFileSync(go, '');
    await ended;
    await eventually('both have ended', 10_000, () => !pids.some((pid) => existsSync(`/proc/${pid}`)));
    const detail = `${outside.length} of ${pids.length} processes are outside`;
    return [{ name: 'a child of the first instruction', outcome: outside.length > 0 ? 'ESCAPED' : 'BLOCKED', detail }];
  });
}

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  const { daemon } = context.sandbox;
  if (!context.variant.confines || daemon === undefined) return control(context);
  const places = placesOf(await daemon.status());
  if (places.version === 0) {
    return [{ name: 'groups', outcome: 'SKIPPED', detail: 'this account has no control group to put jobs into' }];
  }
  const outside: string[] = [];
  let seen = 0;
  for (let round = 0; round < context.times; round++) {
    const groups = await groupsOfBurst(context, places, round);
    seen += groups.length;
    outside.push(...groups.filter((paths) => !isWorker(paths, places)).map((paths) => paths.join(' ')));
  }
  const detail = `${outside.length} of ${seen} processes are outside: ${[...new Set(outside)].slice(0, 3).join('; ')}`;
  return [{ name: 'a child of the first instruction', outcome: outside.length > 0 ? 'ESCAPED' : 'BLOCKED', detail }];
}

/** In one worker's group, and in the same one in every hierarchy that has limits. */
function isWorker(paths: readonly string[], { base }: GroupPlaces): boolean {
  const [first = ''] = paths;
  return (
    first.startsWith(`${base}/`) &&
    /^\/worker-\d+$/.test(first.slice(base.length)) &&
    paths.every((path) => path === first)
  );
}

/** Runs some jobs at once, and gives the groups of all their processes. */
async function groupsOfBurst(
  context: HostContext,
  places: GroupPlaces,
  round: number,
): Promise<readonly (readonly string[])[]> {
  const { daemon } = context.sandbox;
  if (daemon === undefined) throw new Error('needs a daemon');
  const job = daemon.place.job(`first-${context.account.name}-${round}`);
  const marker = daemon.place.file(`${job.name}/output/marker`, '');
  const connection = await daemon.connect();
  try {
    const fields = { ...job.fields, policy: context.policy, timeout_secs: 60 };
    const code = codeOf('/output/marker', '/input/go');
    const ends = Array.from({ length: AT_ONCE }, () => connection.run(code, fields));
    const all = Promise.all(ends);
    const pids = await Promise.race([
      eventually('all jobs run', 60_000, () => bothOf(holdersOf(marker, daemon.processes()), AT_ONCE)),
      all.then((results) =>
        Promise.reject(new Error(`a job ended: ${results.map(({ status, stderr }) => status + stderr)}`)),
      ),
    ]);
    const groups = pids.map((pid) => membershipsIn(readProc(`/proc/${pid}/cgroup`) ?? '', places));
    daemon.place.file(`${job.name}/input/go`, '');
    const unconfined = (await all).filter(
      ({ status, enforced }) => status !== 'ok' || enforced.cgroup.version !== places.version,
    );
    if (unconfined.length > 0) throw new Error(`a job ended as ${unconfined[0]?.status}: ${unconfined[0]?.stderr}`);
    return groups;
  } finally {
    connection.close();
  }
}

/** Undefined until parent and child of all jobs hold the file. */
function bothOf(pids: readonly number[], jobs: number): readonly number[] | undefined {
  return pids.length === 2 * jobs ? pids : undefined;
}
