/** `reuse: {times: N}`: jobs of one client in one process, as a client sees it. What the supervisor does: supervisor_renewal_cases.c. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { asEachAccount } from './harness/account.js';
import { withDaemon } from './harness/fixture.js';

const POLICY = { policy: 'it-reused' };
const COUNT = 'import sys; sys.count = getattr(sys, "count", 0) + 1; print(sys.count)';

asEachAccount((account) => {
  describe('a process that runs several jobs', () => {
    const at = withDaemon(account);

    /** Until a process has run them all: with others in standby, its jobs need not follow one another. */
    async function runUntilLast(code: string, fields = {}) {
      for (let tries = 0; tries < 20; tries += 1) {
        const result = await at.client.run(code, { ...POLICY, ...fields });
        if (result.enforced.execution.number === 3) return result;
      }
      throw new Error('no process has run three jobs');
    }

    it('says in the receipt which job it was, and what a job changes in a module stays', async () => {
      const { enforced, stdout } = await runUntilLast(COUNT);
      expect(enforced.execution).toEqual({ number: 3, of: 3 });
      expect(stdout).toBe('3\n');
      const fresh = await at.client.run(COUNT);
      expect(fresh).toMatchObject({ stdout: '1\n', enforced: { execution: { number: 1, of: 1 } } });
    });

    it('has mounts, stdin, variables and arguments of each request alone', async () => {
      const { place } = at.daemon;
      const code = `
import os, sys
print(os.listdir("/input"), sys.stdin.read(), os.environ.get("LANG"), sys.argv[1:], sorted(set(globals()) & {"left"}))
left = open("/output/" + sys.argv[1], "w").write("made")
`;
      for (let run = 0; run < 7; run += 1) {
        const job = place.job(`reuse-${run}`);
        place.file(`${job.name}/input/${run}.txt`, '');
        const request = { ...POLICY, ...job.fields, stdin: `in ${run}`, argv: [`out-${run}`] };
        const { stdout, status, stderr } = await at.client.run(code, request);
        expect({ status, stderr, stdout }).toEqual({
          status: 'ok',
          stderr: '',
          stdout: `['${run}.txt'] in ${run} C.UTF-8 ['out-${run}'] []\n`,
        });
        expect(readFileSync(join(job.output, `out-${run}`), 'utf8')).toBe('made');
      }
    });

    it('ends with a job that leaves a thread, whose output still comes', async () => {
      const code = `
import threading, time
threading.Thread(target=lambda: (time.sleep(0.2), print("late"))).start()
`;
      for (let run = 0; run < 4; run += 1)
        expect(await at.client.run(code, POLICY)).toMatchObject({ status: 'ok', stdout: 'late\n' });
    });

    it('is as confined for its last job as for its first', async () => {
      const code = `
import errno, os, socket
def answer(call):
    try: call()
    except OSError as error: print(errno.errorcode[error.errno], end=" ")
    else: print("done", end=" ")
answer(lambda: socket.socket())
answer(lambda: os.fork())
answer(lambda: open("/etc/shadow"))
answer(lambda: open("/usr/new", "w"))
print(os.getuid())
`;
      const first = await at.client.run(code);
      const last = await runUntilLast(code);
      expect(last.stdout).toBe(first.stdout);
      expect(last.denials.map(({ syscall, count }) => [syscall, count])).toEqual(
        first.denials.map(({ syscall, count }) => [syscall, count]),
      );
      const { execution: _, policy: __, plan: ___, user: ____, ...same } = first.enforced;
      expect(last.enforced).toMatchObject(same);
    });
  });
});
