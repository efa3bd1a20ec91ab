/** Moments in the life of a daemon at which a probe is tried. Each is reached by what really happens, and checked. */

import type { JobEnd } from '../../../src/probe/attempts/job-end.js';
import type { PlaceName } from './case.js';
import type { Sandbox } from './sandbox.js';

/** More than any pool keeps in standby: after as many jobs the next one was forked after what came before. */
const STANDBY = 6;
const WARM_JOBS = 50;
const LOAD = 2;
const MIB = 1 << 20;

/** Thrown by `reach` where this host cannot have the place; the probes there are then skipped with the reason. */
export class NoSuchPlace extends Error {}

/** What has to be undone when the probes of a place are through. */
export interface Reached {
  leave(): Promise<void>;
}

/**
 * Brings the policy's pool to the place.
 *
 * @throws NoSuchPlace with the reason; Error when what should happen does not
 */
export async function reach(place: PlaceName, sandbox: Sandbox, policy: string): Promise<Reached> {
  switch (place) {
    case 'fresh':
    case 'embedded':
    // Each job has its own past there.
    case 'reused':
      break;
    case 'warm':
      await ordinaryJobs(sandbox, policy, WARM_JOBS);
      break;
    case 'after-timeout':
      expectEnd('timed_out', await sandbox.run({ code: 'while True: pass', policy, timeoutSeconds: 1 }));
      await ordinaryJobs(sandbox, policy, STANDBY);
      break;
    case 'after-oom':
      await killedForMemory(sandbox, policy);
      await ordinaryJobs(sandbox, policy, STANDBY);
      break;
    case 'under-load':
      return load(sandbox, policy);
    case 'landlock-1':
      await hasLandlock(1, sandbox, policy);
      break;
  }
  return { leave: async () => undefined };
}

async function ordinaryJobs(sandbox: Sandbox, policy: string, count: number): Promise<void> {
  for (let job = 0; job < count; job++) {
    expectEnd('ok', await sandbox.run({ code: 'print(1)', policy, timeoutSeconds: 30 }));
  }
}

async function killedForMemory(sandbox: Sandbox, policy: string): Promise<void> {
  const code = 'held = [bytearray(b"x") * (1 << 20) for _ in range(1024)]';
  const small = policy.startsWith('python-data') ? 256 * MIB : 64 * MIB;
  const end = await sandbox.run({ code, policy, timeoutSeconds: 30, memory: small });
  if (end.status === 'refused' && /LIMIT/.test(end.error ?? ''))
    throw new NoSuchPlace(`no memory limit on this host: ${end.error}`);
  if (end.receipt?.cgroup.not_enforced.includes('memory') === true) {
    throw new NoSuchPlace('this host cannot limit the memory of this account');
  }
  expectEnd('oom_killed', end);
}

/** Jobs that keep the processors and the pool busy until they are let go. */
function load(sandbox: Sandbox, policy: string): Reached {
  let busy = true;
  const loop = async () => {
    while (busy) await sandbox.run({ code: 'sum(i * i for i in range(300_000))', policy, timeoutSeconds: 60 });
  };
  const loops = Array.from({ length: LOAD }, loop);
  return {
    leave: async () => {
      busy = false;
      await Promise.all(loops);
    },
  };
}

async function hasLandlock(abi: number, sandbox: Sandbox, policy: string): Promise<void> {
  const end = await sandbox.run({ code: 'print(1)', policy, timeoutSeconds: 30 });
  if (end.status === 'refused' && /LANDLOCK/.test(end.error ?? ''))
    throw new NoSuchPlace(`no Landlock on this host: ${end.error}`);
  expectEnd('ok', end);
  const enforced = end.receipt?.landlock.abi;
  if (enforced !== abi) throw new Error(`a job that should have Landlock ABI ${abi} has ${enforced}`);
}

function expectEnd(status: string, end: JobEnd): void {
  if (end.status === status) return;
  throw new Error(`a job that should end as ${status}: ${end.status} ${end.error ?? end.stderr.slice(-500)}`);
}
