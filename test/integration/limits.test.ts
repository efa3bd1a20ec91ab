import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import type { ExecuteFields } from '../harness/connection.js';
import { DelegatedGroup } from '../harness/delegation.js';
import { holdersOf, residentMemory } from '../harness/processes.js';
import { holdRunning } from '../harness/running-job.js';
import { atMost } from '../harness/slowness.js';
import { eventually } from '../harness/wait.js';
import { asEachAccount } from './harness/account.js';
import { withDaemon } from './harness/fixture.js';

const MIB = 1 << 20;

asEachAccount((account) => {
  // An ordinary user has limits where a control group was given to him; root makes one for the tests.
  const delegated = account.name === 'user' ? DelegatedGroup.create(account) : undefined;
  // Hooks run in reverse: the daemon ends first.
  afterAll(() => delegated?.remove());
  const at = withDaemon(account, { delegated });

  const needs = async (context: TestContext, limit: string): Promise<void> => {
    const { limits_available } = (await at.daemon.status()).supervisor;
    context.skip(!limits_available.includes(limit), `needs a delegated control group for ${limit}`);
  };

  describe('the time-out', () => {
    it('ends a job that ignores every signal it can', async () => {
      const code = `
import signal
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGHUP, signal.SIGXCPU):
    signal.signal(number, signal.SIG_IGN)
print("deaf", flush=True)
while True: pass
`;
      const answer = await at.client.execute(code, { timeout_secs: atMost(0.6) });
      expect(answer).toMatchObject({ success: false, error: { code: 'LW_JOB_TIMED_OUT', retryable: false } });
      expect(answer.result).toMatchObject({
        status: 'timed_out',
        timed_out: true,
        oom_killed: false,
        exit_code: null,
        stdout: 'deaf\n',
      });
      expect(answer.result?.duration_ms).toBeGreaterThanOrEqual(atMost(600));
      expect(answer.result?.duration_ms).toBeLessThan(atMost(1600));
    });

    it.each([
      ['sleeps in C', 'import time; time.sleep(60)'],
      ['waits for a lock', 'import threading; lock = threading.Lock(); lock.acquire(); lock.acquire()'],
      ['computes in C', 'pow(7, 10 ** 9)'],
      [
        'has many threads',
        'import threading\nfor _ in range(8): threading.Thread(target=lambda: __import__("time").sleep(60)).start()',
      ],
    ])('ends a job that %s', async (_, code) => {
      const { status, duration_ms } = await at.client.run(code, { timeout_secs: atMost(0.4) });
      expect(status).toBe('timed_out');
      expect(duration_ms).toBeLessThan(atMost(1400));
    });

    it('ends the processes that the job has left, too', async () => {
      const family = markedJob('left');
      const code = `
import os, time
for _ in range(5):
    if os.fork() == 0: time.sleep(60)
time.sleep(60)
`;
      const ended = at.client.run(family.mark(code), { ...family.fields, timeout_secs: atMost(0.6) });
      await eventually('the job has its children', 5000, () => family.members().length === 6);
      expect((await ended).status).toBe('timed_out');
      await eventually('all are gone', 2000, () => family.members().length === 0);
    });
  });

  describe('processor time', () => {
    it('used up ends the job as cpu_limit', async (context) => {
      await needs(context, 'cpu_time');
      const answer = await at.client.execute('while True: pass', { policy: 'it-cpu', timeout_secs: atMost(20) });
      expect(answer).toMatchObject({ success: false, error: { code: 'LW_JOB_CPU_LIMIT' } });
      expect(answer.result).toMatchObject({ status: 'cpu_limit', timed_out: false, exit_code: null });
      expect(answer.result?.cpu_time_us).toBeGreaterThanOrEqual(400_000);
      expect(answer.result?.cpu_time_us).toBeLessThan(atMost(1_400_000));
    });

    it('is not used by sleeping', async () => {
      const result = await at.client.run('import time; time.sleep(0.6); print("slept")', { policy: 'it-cpu' });
      expect(result).toMatchObject({ status: 'ok', stdout: 'slept\n' });
    });
  });

  describe('memory', () => {
    it('beyond the limit ends the job as oom_killed, with its peak', async (context) => {
      await needs(context, 'memory');
      const answer = await at.client.execute('data = bytearray(300 << 20); print("never")', {
        memory_limit: 128 * MIB,
      });
      expect(answer).toMatchObject({ success: false, error: { code: 'LW_JOB_OOM_KILLED' } });
      expect(answer.result).toMatchObject({
        status: 'oom_killed',
        oom_killed: true,
        timed_out: false,
        exit_code: null,
        stdout: '',
      });
      expect(answer.result?.memory_peak).toBeGreaterThan(100 * MIB);
      expect(answer.result?.memory_peak).toBeLessThanOrEqual(128 * MIB);
    });

    it('beyond the limit in a child ends the whole job', async (context) => {
      await needs(context, 'memory');
      const code = `
import os, time
if os.fork() == 0:
    data = bytearray(300 << 20)
time.sleep(20)
`;
      const result = await at.client.run(code, { policy: 'it-fork', memory_limit: 128 * MIB });
      expect(result).toMatchObject({ status: 'oom_killed', oom_killed: true, timed_out: false });
      expect(result.duration_ms).toBeLessThan(atMost(10_000));
    });

    it('within the limit is the job’s own', async (context) => {
      await needs(context, 'memory');
      const result = await at.client.run('data = bytearray(60 << 20); print(len(data))', { memory_limit: 128 * MIB });
      expect(result).toMatchObject({ status: 'ok', oom_killed: false });
      expect(result.memory_peak).toBeGreaterThan(60 * MIB);
    });

    it('of a kill is told apart: SIGKILL from outside is `signaled`', async () => {
      const job = await holdRunning(at.daemon, at.client);
      process.kill(job.pid, 'SIGKILL');
      const result = await job.result;
      expect(result).toMatchObject({ status: 'signaled', signal: 9, oom_killed: false, exit_code: null });
    });

    it('of a kill is told apart: so is the job’s own', async () => {
      const answer = await at.client.execute('import os, signal; os.kill(os.getpid(), signal.SIGKILL)', {
        policy: 'it-fork',
      });
      expect(answer.success).toBe(true);
      expect(answer.result).toMatchObject({ status: 'signaled', signal: 9, oom_killed: false });
    });

    it('of a crash is told apart: abort and a bad address have their own signals', async () => {
      const abort = await at.client.run('import os; os.abort()', { policy: 'it-fork' });
      expect(abort).toMatchObject({ status: 'signaled', signal: 6, oom_killed: false });
    });

    it('that a MemoryError refuses is the job’s own exception', async () => {
      const { status, error } = await at.client.run('bytearray(1 << 60)');
      expect({ status, name: error?.name }).toEqual({ status: 'error', name: 'MemoryError' });
    });

    it('of files in /tmp counts, and /tmp has an end', async () => {
      const code = `
import errno
try:
    written, block = 0, bytes(1 << 20)
    with open("/tmp/big", "wb", buffering=0) as file:
        while True: written += file.write(block)
except OSError as error: print(errno.errorcode[error.errno], written >> 20)
`;
      const { stdout, status } = await at.client.run(code);
      expect(status).toBe('ok');
      const [, name, mebibytes] = /^(\w+) (\d+)\n$/.exec(String(stdout)) ?? [];
      expect(name).toBe('ENOSPC');
      expect(Number(mebibytes)).toBeGreaterThan(80);
      expect(Number(mebibytes)).toBeLessThanOrEqual(101);
    });
  });

  describe('processes and threads', () => {
    it('a fork bomb ends at pids.max', async (context) => {
      await needs(context, 'pids');
      const family = markedJob('bomb');
      const code = `
import errno, os, time
children = 0
try:
    while True:
        if os.fork() == 0:
            time.sleep(60)
        children += 1
except OSError as error:
    print(children, errno.errorcode[error.errno])
`;
      const { stdout, status, denials } = await at.client.run(family.mark(code), family.fields);
      expect(status).toBe('ok');
      const named = { syscall: null, nr: null, args: [], limit: 'pids', count: 1, errno: 'EAGAIN' };
      expect(denials).toEqual([{ ...named, rule: expect.stringMatching(/:\d+:\d+$/), hint: expect.any(String) }]);
      const [, children, name] = /^(\d+) (\w+)\n$/.exec(String(stdout)) ?? [];
      expect(name).toBe('EAGAIN');
      expect(Number(children)).toBeGreaterThan(40);
      expect(Number(children)).toBeLessThan(64);
      await eventually('all are gone', 2000, () => family.members().length === 0);
    });

    it('one that forks itself without end stops there too, and others go on', async (context) => {
      await needs(context, 'pids');
      const family = markedJob('endless');
      const code = 'import os\nwhile True:\n    try: os.fork()\n    except OSError: pass';
      const bomb = at.client.run(family.mark(code), { ...family.fields, timeout_secs: atMost(1.5) });
      await eventually('the bomb has gone off', 1400, () => family.members().length > 40);
      expect((await at.client.run('print("alive")')).stdout).toBe('alive\n');
      expect(family.members().length).toBeLessThanOrEqual(64);
      expect((await bomb).status).toBe('timed_out');
      await eventually('all are gone', 2000, () => family.members().length === 0);
    });

    it('a thread bomb ends at pids.max', async (context) => {
      await needs(context, 'pids');
      const code = `
import threading
stop = threading.Event()
count = 0
try:
    while True:
        threading.Thread(target=stop.wait).start()
        count += 1
except RuntimeError as error:
    print(count, error)
stop.set()
`;
      const { stdout, status } = await at.client.run(code);
      expect(status).toBe('ok');
      const [, count] = /^(\d+) can't start new thread\n$/.exec(String(stdout)) ?? [];
      expect(Number(count)).toBeGreaterThan(40);
      expect(Number(count)).toBeLessThan(64);
    });
  });

  describe('output', () => {
    it.each(['stdout', 'stderr'] as const)(
      'without end on %s is cut and flagged, and nobody’s memory grows',
      async (stream) => {
        await at.client.run('pass');
        const watched = [at.daemon.daemonPid, ...at.daemon.supervisorPids];
        const before = watched.map(residentMemory);
        const peaks = [...before];
        const timer = setInterval(() => {
          watched.forEach((pid, index) => {
            peaks[index] = Math.max(peaks[index] ?? 0, residentMemory(pid));
          });
        }, 5);
        const code = `import sys\nwhile True: sys.${stream}.write("x" * 65536)`;
        const answer = await at.client.execute(code, { timeout_secs: atMost(20) });
        clearInterval(timer);

        expect(answer).toMatchObject({ success: false, error: { code: 'LW_JOB_OUTPUT_LIMIT' } });
        const result = answer.result;
        expect(result?.status).toBe('output_limit');
        expect(result?.truncated).toEqual({ stdout: stream === 'stdout', stderr: stream === 'stderr' });
        const length = String(result?.[stream]).length;
        expect(length).toBe(stream === 'stdout' ? 10 * MIB : MIB);
        const growth = peaks.map((peak, index) => (peak - (before[index] ?? 0)) / MIB);
        // The daemon holds the output and the frame that carries it; the supervisor holds nothing.
        expect(growth[0], 'growth of the daemon, MiB').toBeLessThan(80);
        for (const supervisor of growth.slice(1)) expect(supervisor, 'growth of the supervisor, MiB').toBeLessThan(4);
      },
    );

    // A leak raises every sample, garbage that waits for its collector only some: the smallest ones tell the two apart, once
    // there are so many that the old generation was collected among them (seen: after some twenty). What the daemon grows to
    // in the first rounds is its heap, which it keeps.
    it('again and again leaves the daemon as it was', async () => {
      const rounds = 24;
      const smallestOf = async (count: number): Promise<number> => {
        const samples: number[] = [];
        for (let round = 0; round < count; round++) {
          await at.client.run('import sys\nwhile True: sys.stdout.write("x" * 65536)');
          samples.push(residentMemory(at.daemon.daemonPid));
        }
        return Math.min(...samples);
      };
      await smallestOf(8);
      const before = await smallestOf(rounds);
      // As many outputs of 10 MiB lie between the two: half of them are more than garbage moves the smallest by.
      expect(((await smallestOf(rounds)) - before) / MIB).toBeLessThan((rounds * 10) / 2);
    });

    it('in an exception is bounded', async () => {
      const { status, error } = await at.client.run('raise ValueError("x" * (64 << 20))');
      expect(['error', 'output_limit']).toContain(status);
      expect((error?.value ?? '').length + (error?.traceback ?? '').length).toBeLessThan(2 * MIB);
    });
  });

  /** A job under a policy that lets it fork, whose processes all hold one file open: by it they are told from others. */
  function markedJob(name: string): MarkedJob {
    const job = at.daemon.place.job(name);
    const marker = at.daemon.place.file(`${job.name}/output/marker`, '');
    return {
      fields: { ...job.fields, policy: 'it-fork' },
      mark: (code) => `_marker = open("/output/marker")\n${code}`,
      members: () => holdersOf(marker, at.daemon.processes()),
    };
  }
});

interface MarkedJob {
  readonly fields: ExecuteFields;
  readonly mark: (code: string) => string;
  /** Host pids of the job's processes. */
  readonly members: () => readonly number[];
}
