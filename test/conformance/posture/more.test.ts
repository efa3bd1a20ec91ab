/** What a job makes of itself: threads, children, programs; and two jobs at a time. Under a policy that lets it. */

import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../../src/plan/plan.js';
import { type Account, isRoot, root, user } from '../../harness/account.js';
import { DelegatedGroup } from '../../harness/delegation.js';
import { descendantsOf, statusOf } from '../../harness/processes.js';
import { type Fixture, withDaemon } from '../../integration/harness/fixture.js';
import { expectedThread } from './compare/expected-threads.js';
import { describeDifferences, differencesOf, placed } from './compare/facts.js';
import { threadFacts } from './compare/process-facts.js';
import { type GroupPlaces, placesOf } from './groups.js';
import { plansOf } from './plan-of.js';
import {
  differencesInside,
  differencesOfGroup,
  differencesOfWorker,
  insideSettings,
  look,
  surroundingsOf,
} from './posture.js';
import { collect, holdWorker } from './worker.js';

const POLICIES = fileURLToPath(new URL('policies', import.meta.url));
const THREADS = 64;

const START_THREADS = `
import threading
for _ in range(${THREADS}):
    threading.Thread(target=threading.Event().wait, daemon=True).start()
`;

/** A child by fork, and a program that it executes; both are there when the job says that it is ready. */
const START_CHILDREN = `
import subprocess
_forked = _os.fork()
if _forked == 0:
    while True:
        _time.sleep(1)
_program = subprocess.Popen(["/usr/bin/python3", "-I", "-c", "print(1, flush=True); import time; time.sleep(600)"], stdout=subprocess.PIPE)
assert _program.stdout.readline() == b"1\\n"
_program.stdout.close()
`;

function describeMore(account: Account, at: Fixture): void {
  let places: GroupPlaces;
  let plan: Plan;
  beforeAll(async () => {
    places = placesOf(await at.daemon.status());
    plan = plansOf(['posture'], at.daemon.place, [POLICIES]).get('posture') as Plan;
  });

  async function held(after: string) {
    const worker = await holdWorker(at.daemon, at.client, insideSettings(plan), { policy: 'posture' }, after);
    const collected = look(at.daemon, worker);
    return { worker, collected, from: surroundingsOf(at.daemon, plan, collected, places) };
  }

  it(`${THREADS} more threads are as the first`, async () => {
    const { worker, collected, from } = await held(START_THREADS);
    const differences = [
      ...differencesOfWorker(from, collected),
      ...differencesInside(from, collected),
      ...differencesOfGroup(collected, places),
    ];
    await worker.finish();
    expect(Object.keys(collected.processes.job.threads)).toHaveLength(THREADS + 1);
    expect(describeDifferences(differences)).toEqual([]);
  });

  it('children and programs are as the job, and in its namespaces and control groups', async () => {
    const { worker, collected, from } = await held(START_CHILDREN);
    const seen = { session: worker.pids.job, readable: true };
    const pids = descendantsOf(worker.pids.job);
    const children = [...collect(pids, pids).values()];
    const differences = children.flatMap((child) => {
      const found = placed(`${child.pid}`, threadFacts(Object.values(child.threads)[0] as never));
      return differencesOf(placed(`${child.pid}`, expectedThread('job', from, seen)), found);
    });
    const namespaces = children.map(({ namespaces: of }) => of);
    const owners = children.map(({ owner }) => owner[0]);
    const descriptors = children.map((child) => Object.keys(child.descriptors));
    const inGroup = differencesOfGroup(collected, places, children);
    await worker.finish();
    expect(children).toHaveLength(2);
    expect(describeDifferences([...differences, ...inGroup])).toEqual([]);
    for (const of of namespaces) expect(of).toEqual(collected.processes.job.namespaces);
    // execve(2) makes dumpable; the claims are not inherited by what is executed.
    expect(new Set(owners)).toEqual(new Set([from.poolId, from.jobId]));
    expect(new Set(descriptors.map((numbers) => numbers.join()))).toEqual(new Set(['0,1,2,4', '0,1,2']));
  });

  it('two jobs at a time share nothing, ids neither where there is a range', async () => {
    const one = await holdWorker(at.daemon, at.client, insideSettings(plan), { policy: 'posture' });
    const { worker, collected, from } = await held('');
    const both = look(at.daemon, worker, { 'other job': one.pids.job });
    const differences = differencesOfWorker(from, both);
    const ids = [one.pids.job, worker.pids.job].map((pid) => statusOf(pid)?.get('Uid'));
    const mountinfo = String(collected.worker.inside.mountinfo);
    await Promise.all([one.finish(), worker.finish()]);
    expect(describeDifferences(differences)).toEqual([]);
    expect(ids[0] === ids[1]).toBe(account.uid !== 0);
    expect(mountinfo).toContain(worker.place.input);
    expect(mountinfo).not.toContain(one.place.name);
    expect(mountinfo).not.toContain(at.daemon.place.home);
  });
}

/** Whoever starts a daemon with everything different from what is usual, and becomes it. */
const ODDLY = `
import ctypes, os, resource, signal, sys
libc = ctypes.CDLL(None)
os.umask(0o077)
os.nice(7)
os.sched_setaffinity(0, {0})
libc.syscall(${process.arch === 'x64' ? 251 : 30}, 1, 0, (2 << 13) | 7)
libc.prctl(29, 1234567, 0, 0, 0)
libc.personality(0x0040000)
with open("/proc/self/oom_score_adj", "w") as score:
    score.write("321")
for number in (signal.SIGHUP, signal.SIGUSR1):
    signal.signal(number, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM, signal.SIGWINCH})
for limit in (resource.RLIMIT_CPU, resource.RLIMIT_AS, resource.RLIMIT_MSGQUEUE):
    hard = resource.getrlimit(limit)[1]
    resource.setrlimit(limit, (1 << 40 if hard == resource.RLIM_INFINITY else hard // 2, hard))
os.execvp(sys.argv[1], sys.argv[1:])
`;

describe.skipIf(!isRoot)('as root who starts the daemon oddly (needs root)', () => {
  const by = ['/usr/bin/python3', '-I', '-c', ODDLY];
  describeMore(root, withDaemon(root, { args: ['--policies', POLICIES], by }));
});

describe.skipIf(!isRoot)('as root (needs root)', () => {
  describeMore(root, withDaemon(root, { args: ['--policies', POLICIES] }));
});

describe.skipIf(!isRoot)('as an ordinary user (needs root, to look at what is not dumpable)', () => {
  const delegated = DelegatedGroup.create(user);
  afterAll(() => delegated?.remove());
  describeMore(user, withDaemon(user, { args: ['--policies', POLICIES], delegated }));
});
