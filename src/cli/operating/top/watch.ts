import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadStream, WriteStream } from 'node:tty';
import type { Style } from '../../terminal/style.js';
import { type Picture, pictureOf } from './picture.js';
import type { Sample } from './sample.js';
import { Screen } from './screen.js';

const RENEWED_MS = 1000;
const CTRL_C = '\u0003';
const ENDINGS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Terminal {
  readonly input: ReadStream;
  readonly output: WriteStream;
  readonly style: Style;
}

/**
 * Shows on a terminal what the daemon does, each second anew, until `q`, Ctrl-C or a signal. The terminal is then as it was, also when
 * taking a sample fails.
 *
 * @param sample asks the daemon
 * @throws what `sample` throws
 */
export async function watchTop(sample: () => Promise<Sample>, terminal: Terminal): Promise<void> {
  const end = new AbortController();
  const screen = new Screen(terminal.output);
  let picture: Picture = { head: ['asking the daemon'], table: [] };
  const draw = () => screen.draw([...picture.head, '', ...picture.table, '', terminal.style.dim('q: end')]);
  const release = listen(terminal, draw, () => end.abort());
  try {
    draw();
    let before: Sample | undefined;
    while (!end.signal.aborted) {
      const now = await orNothing(sample(), end.signal);
      if (now === undefined) break;
      picture = pictureOf(before, now, terminal.style);
      before = now;
      draw();
      await orNothing(sleep(RENEWED_MS, undefined, { signal: end.signal }), end.signal);
    }
  } finally {
    release();
    screen.close();
  }
}

/** Undefined when the end comes first: a daemon that does not answer keeps nobody. */
function orNothing<Value>(promise: Promise<Value>, end: AbortSignal): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    const leave = () => resolve(undefined);
    if (end.aborted) leave();
    end.addEventListener('abort', leave, { once: true });
    promise
      .then(resolve, (error: unknown) => (end.aborted ? leave() : reject(error)))
      .finally(() => end.removeEventListener('abort', leave));
  });
}

/** Until the returned function is called. */
function listen({ input, output }: Terminal, onResize: () => void, onEnd: () => void): () => void {
  const onKey = (keys: Buffer) => {
    if (/[qQ]/.test(keys.toString()) || keys.includes(CTRL_C)) onEnd();
  };
  input.setRawMode(true);
  input.on('data', onKey).on('end', onEnd);
  output.on('resize', onResize);
  for (const signal of ENDINGS) process.on(signal, onEnd);
  return () => {
    input.off('data', onKey).off('end', onEnd);
    input.setRawMode(false);
    input.pause();
    output.off('resize', onResize);
    for (const signal of ENDINGS) process.off(signal, onEnd);
  };
}
