import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { job, sample } from '../../../../test/operating/samples.js';
import { styleOf } from '../../terminal/style.js';
import { type Terminal, watchTop } from './watch.js';

const CLOSE = '\u001b[?25h\u001b[?1049l';

class Input extends EventEmitter {
  raw: boolean[] = [];
  paused = false;
  setRawMode(raw: boolean): void {
    this.raw.push(raw);
  }
  pause(): void {
    this.paused = true;
  }
}

class Output extends EventEmitter {
  columns = 80;
  rows = 24;
  readonly written: string[] = [];
  write(text: string): boolean {
    this.written.push(text);
    return true;
  }
}

let input: Input;
let output: Output;
let terminal: Terminal;

beforeEach(() => {
  input = new Input();
  output = new Output();
  terminal = { input, output, style: styleOf({ isTTY: false, env: {} }) } as unknown as Terminal;
});

/** The terminal has everything back. */
function expectRestored(): void {
  expect(output.written.at(-1)).toBe(CLOSE);
  expect([input.raw, input.paused]).toEqual([[true, false], true]);
  expect([input.eventNames(), output.eventNames()]).toEqual([[], []]);
}

describe('watching', () => {
  it.each(['q', '\u0003'])('ends with %j, and the terminal is as it was', async (key) => {
    const shown = watchTop(async () => sample({ jobs: [job()] }), terminal);
    await new Promise((resolve) => setImmediate(resolve));
    input.emit('data', Buffer.from('x'));
    input.emit('data', Buffer.from(key));
    await shown;
    expect(output.written.join('')).toContain('1kw74zh00001');
    expectRestored();
  });

  it('ends at once though the daemon does not answer', async () => {
    const shown = watchTop(() => new Promise(() => {}), terminal);
    input.emit('data', Buffer.from('q'));
    await shown;
    expectRestored();
  });

  it('gives the terminal back before it fails', async () => {
    const failure = new Error('the daemon is gone');
    await expect(watchTop(() => Promise.reject(failure), terminal)).rejects.toBe(failure);
    expectRestored();
  });

  it('draws what it has when the size changes', async () => {
    const shown = watchTop(() => new Promise(() => {}), terminal);
    const before = output.written.length;
    output.emit('resize');
    expect(output.written.length).toBe(before + 1);
    input.emit('data', Buffer.from('q'));
    await shown;
  });
});
