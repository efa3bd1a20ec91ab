import { type Logger, pino } from 'pino';
import type { DaemonOptions } from '../config/options.js';
import { KeptLines } from './kept-lines.js';

export interface DaemonLog {
  readonly log: Logger;
  /** Its last lines; none of an embedded daemon. */
  readonly lines: KeptLines;
}

/** The log of a daemon: NDJSON on stderr. */
export function daemonLog({ embedded, logLevel }: DaemonOptions): DaemonLog {
  const level = logLevel ?? (embedded === true ? 'warn' : 'info');
  const lines = new KeptLines();
  // Synchronous: what was logged before a crash is what is needed after it.
  const stderr = pino.destination({ fd: 2, sync: true });
  const write = (line: string) => {
    stderr.write(line);
    lines.write(line);
  };
  return { log: pino({ level, base: null }, embedded === true ? stderr : { write }), lines };
}
