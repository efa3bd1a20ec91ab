import { setTimeout as sleep } from 'node:timers/promises';
import { filesOf, findLog, type LogFile, linesOf, openLogFile } from './log-files.js';
import { ReadFile } from './read-file.js';

/** A line without its newline; undefined: it is longer than any record. */
type Line = Buffer | undefined;

const POLL_MS = 250;

/** The last lines of the log in a folder, oldest first. */
export async function* tailLog(folder: string, count: number): AsyncGenerator<Line> {
  const { full, current } = await openCurrent(folder);
  try {
    yield* await lastLines(full, current, count);
  } finally {
    await current.close();
  }
}

/**
 * The last lines, and then what the log gets, over all files that begin meanwhile; it does not end by itself.
 *
 * @param onSkipped called when files were removed before they could be read
 */
export async function* followLog(folder: string, count: number, onSkipped: () => void): AsyncGenerator<Line> {
  let { full, current } = await openCurrent(folder);
  try {
    yield* await lastLines(full, current, count);
    for (;;) {
      // Before the last look at it: what is written after that is in another file.
      const next = await filesAfter(folder, current, onSkipped);
      yield* current.lines();
      if (next === undefined) {
        await sleep(POLL_MS);
        continue;
      }
      await current.close();
      for (const file of next.full) yield* linesOf(file);
      current = next.current;
    }
  } finally {
    await current.close();
  }
}

interface OpenLog {
  readonly full: readonly LogFile[];
  readonly current: ReadFile;
}

async function openCurrent(folder: string): Promise<OpenLog> {
  const { files } = await findLog([], folder);
  return opened(files);
}

async function opened(files: readonly LogFile[]): Promise<OpenLog> {
  const last = files.at(-1);
  if (last === undefined) throw new Error('a log has a file');
  return { full: files.slice(0, -1), current: new ReadFile(last.handle ?? (await openLogFile(last.path))) };
}

/** The files that have begun since a file was the one that is written; undefined: it still is. */
async function filesAfter(folder: string, current: ReadFile, onSkipped: () => void): Promise<OpenLog | undefined> {
  const files = await filesOf(folder);
  const next = await opened(files);
  const own = await current.identity();
  if (isSame(own, await next.current.identity())) {
    await next.current.close();
    return undefined;
  }
  const index = files.findIndex((file) => file.ino === own.ino);
  if (index === -1) onSkipped();
  return { ...next, full: next.full.slice(index + 1) };
}

function isSame(a: { readonly dev: number; readonly ino: number }, b: { readonly dev: number; readonly ino: number }) {
  return a.dev === b.dev && a.ino === b.ino;
}

async function lastLines(full: readonly LogFile[], current: ReadFile, count: number): Promise<Line[]> {
  let last = await lastOf(current.lines(), count);
  for (const file of full.toReversed()) {
    if (last.length >= count) break;
    last = [...(await lastOf(linesOf(file), count - last.length)), ...last];
  }
  return last;
}

async function lastOf(lines: AsyncIterable<Line>, count: number): Promise<Line[]> {
  let last: Line[] = [];
  for await (const line of lines) {
    last.push(line);
    if (last.length > 2 * count) last = last.slice(-count);
  }
  return count === 0 ? [] : last.slice(-count);
}
