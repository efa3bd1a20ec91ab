import { expect, it, vi } from 'vitest';
import { runPart } from './run-part.mjs';

const sh = (script, options = {}) => runPart(['/bin/sh', '-c', script], { cwd: '/', ...options });

it('keeps what the command printed, and its exit code', async () => {
  expect(await sh('echo out; echo err >&2; exit 3')).toMatchObject({ exit: 3, timedOut: false, interrupted: false });
  expect((await sh('echo one; echo two')).output).toBe('one\ntwo\n');
});

it('says 128 + n after a signal, and 127 for a program that is not there', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  expect((await sh('kill -TERM $$')).exit).toBe(143);
  expect((await runPart(['/nonexistent/program'], { cwd: '/' })).exit).toBe(127);
});

it('stops the command and what it started at the time limit', async () => {
  const started = performance.now();
  const { timedOut, exit } = await sh('sleep 30 & sleep 30; wait', { limitMs: 200 });
  expect({ timedOut, exit }).toEqual({ timedOut: true, exit: 137 });
  // The background sleep holds the pipes open: had it lived on, this would have taken 30 s.
  expect(performance.now() - started).toBeLessThan(10_000);
});
