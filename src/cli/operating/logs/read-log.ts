import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../../client/client.js';
import type { LogLevel } from '../../../protocol/messages.gen.js';

export interface LogOptions {
  /** That, and more serious ones. */
  readonly level?: LogLevel | undefined;
  /** Name of the job that they are about. */
  readonly job?: string | undefined;
  /** How many of those that are there. */
  readonly count: number;
  /** Go on with those that come; it does not end by itself then. */
  readonly follow: boolean;
}

const PAUSE_MS = 1000;
/** As many as one answer may have. */
const MAX_LINES = 4096;

/**
 * Lines of the daemon's log, as they were written.
 *
 * @param onMissed called with how many lines the daemon does not have any more that were not read
 * @param pause between two questions
 */
export async function* readLog(
  client: Pick<Client, 'log'>,
  { count, follow, level, job }: LogOptions,
  onMissed: (lines: number) => void,
  pause: () => Promise<unknown> = () => sleep(PAUSE_MS),
): AsyncGenerator<string> {
  const filter = { ...(level === undefined ? {} : { level }), ...(job === undefined ? {} : { job }) };
  const first = await client.log({ ...filter, limit: Math.max(1, count) });
  yield* count === 0 ? [] : first.lines;
  for (let after = first.next; follow; ) {
    await pause();
    const { lines, next, missed } = await client.log({ ...filter, after, limit: MAX_LINES });
    if (missed > 0) onMissed(missed);
    yield* lines;
    after = next;
  }
}
