import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JobResult } from '../../src/protocol/messages.gen.js';
import type { Connection, ExecuteFields } from './connection.js';
import type { TestDaemon } from './daemon.js';
import { holdersOf } from './processes.js';
import { eventually } from './wait.js';

/** A job that runs until the test lets it end. */
export interface RunningJob {
  /** Host pid of the job's main process. */
  readonly pid: number;
  /** Lets the job go on to its end. */
  finish(): Promise<JobResult>;
  /** The answer, however the job ends. */
  readonly result: Promise<JobResult>;
}

let count = 0;

/**
 * Starts a job and waits until its code runs. `code` runs before the wait. The job is found among the daemon's processes by
 * the file that it alone holds open: no pid is taken from what it says.
 */
export async function holdRunning(
  daemon: TestDaemon,
  client: Connection,
  code = '',
  fields: ExecuteFields = {},
): Promise<RunningJob> {
  const job = daemon.place.job(`held-${count++}`);
  const marker = daemon.place.file(`${job.name}/output/marker`, '');
  const wait = `
import os as _os, time as _time
_marker = open("/output/marker", "a")
while not _os.path.exists("/input/go"):
    _time.sleep(0.005)
`;
  const result = client.run(`${code}\n${wait}`, { ...job.fields, ...fields });
  let ended: unknown;
  const noteEnd = (value: unknown): void => {
    ended = value;
  };
  result.then(noteEnd, noteEnd);
  const pid = await eventually('the job runs', 20_000, () => {
    if (ended !== undefined)
      throw new Error(`the job ended: ${ended instanceof Error ? ended.message : JSON.stringify(ended)}`);
    return holdersOf(marker, daemon.processes())[0];
  });
  return {
    pid,
    result,
    finish: () => {
      writeFileSync(join(job.input, 'go'), '');
      return result;
    },
  };
}
