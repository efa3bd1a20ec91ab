import { type Logger, pino } from 'pino';
import type { DaemonOptions } from './config/options.js';

/** The log of a daemon: NDJSON on stderr. */
export function daemonLog({ embedded, logLevel }: DaemonOptions): Logger {
  const level = logLevel ?? (embedded === true ? 'warn' : 'info');
  // Synchronous: what was logged before a crash is what is needed after it.
  return pino({ level, base: null }, pino.destination({ fd: 2, sync: true }));
}
