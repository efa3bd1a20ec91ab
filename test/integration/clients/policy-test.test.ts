import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { leeward } from '../../harness/command.js';
import { Place } from '../../harness/place.js';
import { descendantsOf, holdersOf, statusOf } from '../../harness/processes.js';
import { asEachAccount } from '../harness/account.js';

/** A policy whose only test holds a file and sleeps. */
const sleeping = (directory: string) => `version: 1
kind: Policy
name: it-sleeping
extends: [builtin:python@1]
runtime: python
mounts:
  - {source: ${directory}, target: /held, readOnly: true}
landlock: {read: [/held]}
limits: {timeout: 60s}
tests:
  - python: |
      import time
      held = open("/held/marker")
      time.sleep(50)
    expect: ok
`;

asEachAccount((account) => {
  describe('leeward policy test', () => {
    it('ends with its job when it is interrupted, and leaves nothing', async () => {
      const place = new Place(account);
      const directory = place.directory('held', 0o755);
      const marker = place.file('held/marker', '');
      const policy = place.file('it-sleeping.yaml', sleeping(directory));
      let started: readonly number[] = [];
      const { exitCode, stderr } = await leeward(place, ['policy', 'test', policy], {
        environment: { TMPDIR: place.directory('tmp') },
        onStart: (pid) => {
          void interruptOnce(marker, pid).then((pids) => {
            started = pids;
          });
        },
      });
      expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: expect.stringContaining('LW_JOB_CANCELLED') });
      // The supervisor, the sandbox's own processes, and the job.
      expect(started.length).toBeGreaterThan(2);
      expect(started.filter((pid) => statusOf(pid) !== undefined)).toEqual([]);
      expect(holdersOf(marker, allPids())).toEqual([]);
      expect(readdirSync(join(place.root, 'tmp'))).toEqual([]);
    });
  });
});

/** Sends SIGINT to the command once the job holds the file; what had come of the command by then. */
async function interruptOnce(marker: string, pid: number): Promise<readonly number[]> {
  while (statusOf(pid) !== undefined && holdersOf(marker, allPids()).length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const pids = [...new Set([...descendantsOf(pid), ...holdersOf(marker, allPids())])];
  process.kill(pid, 'SIGINT');
  return pids;
}

function allPids(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number);
}
