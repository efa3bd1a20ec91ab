import type { LogLevel, LogReadRequest, LogReadResult } from '../../protocol/messages.gen.js';
import type { KeptLines } from '../log/kept-lines.js';

const DEFAULT_LIMIT = 100;

/** As pino numbers them. */
const LEVELS: Readonly<Record<LogLevel, number>> = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 };

/** The lines of the log that fit what is asked, oldest first. */
export function readLog(kept: KeptLines, { after, limit = DEFAULT_LIMIT, level, job }: LogReadRequest): LogReadResult {
  const isWanted = wanted(level, job);
  const fitting = kept.after(after ?? 0).filter(({ text }) => isWanted(text));
  const taken = after === undefined ? fitting.slice(-limit) : fitting.slice(0, limit);
  const next = taken.length < fitting.length && after !== undefined ? taken.at(-1)?.sequence : kept.last;
  return {
    lines: taken.map(({ text }) => text),
    next: next ?? kept.last,
    missed: after === undefined ? 0 : kept.missedAfter(after),
  };
}

function wanted(level: LogLevel | undefined, job: string | undefined): (text: string) => boolean {
  if (level === undefined && job === undefined) return () => true;
  const least = level === undefined ? 0 : LEVELS[level];
  return (text) => {
    const line = JSON.parse(text) as { readonly level: number; readonly job?: unknown };
    return line.level >= least && (job === undefined || line.job === job);
  };
}
