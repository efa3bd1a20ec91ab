/** The place `reused`: jobs in a process that has run another one, in the daemon of the other places. */
import type { JobEnd } from '../../../src/probe/attempts/job-end.js';
import type { ProbeJob, Sandbox } from './sandbox.js';

/** The policy that is tried, and what it is with `reuse` and one process at a time: the next job is always that process's. */
export const REUSED = { policy: 'python', tried: 'suite-reused' } as const;

/** What may be found of it is the policy's to allow: it is little, and nothing of it may help. */
const EARLIER = 'import os; open("/tmp/earlier", "w").close(); os.earlier = 1';

/** A sandbox each of whose jobs follows another one in its process. */
export class ReusedSandbox implements Sandbox {
  readonly #sandbox: Sandbox;
  readonly paths: Sandbox['paths'];

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
    this.paths = sandbox.paths;
  }

  get place(): Sandbox['place'] {
    return this.#sandbox.place;
  }

  get daemon(): Sandbox['daemon'] {
    return this.#sandbox.daemon;
  }

  /** @throws Error when it was not so */
  async run(job: ProbeJob): Promise<JobEnd> {
    const policy = REUSED.tried;
    for (let tries = 0; tries < 3; tries++) {
      await this.#sandbox.run({ code: EARLIER, policy, timeoutSeconds: 10 });
      const end = await this.#sandbox.run({ ...job, policy });
      // Without a receipt nobody can tell: what the probe makes of that is its own.
      if (end.receipt === undefined || end.receipt.execution.number > 1) return end;
    }
    throw new Error('no job has followed another one in its process');
  }

  /** Whoever has opened the daemon closes it. */
  async close(): Promise<void> {}
}
