import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { LeewardError } from '../../errors/leeward-error.js';
import type { ExecuteResponse } from '../../protocol/messages.gen.js';
import { Executions } from './executions.js';

const PLACES = 2;

/** What a client does, by number of its request, and what a job does. */
type Step = readonly ['run' | 'cancel' | 'end', number];

const steps = fc.array(fc.tuple(fc.constantFrom<Step[0]>('run', 'run', 'cancel', 'end'), fc.nat(5)), { maxLength: 30 });

/** Plays the steps; every job ends when it is told to, or is cancelled. */
async function play(played: readonly Step[]) {
  const begun: number[] = [];
  const under = new Map<number, () => void>();
  let most = 0;
  const executions = new Executions(
    PLACES,
    () => true,
    async ({ id = 0 }, signal) => {
      begun.push(id);
      const ended = new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve());
        if (signal.aborted) resolve();
        under.set(id, resolve);
      });
      most = Math.max(most, under.size);
      await ended;
      under.delete(id);
      return { type: 'Execute', id, success: !signal.aborted } as ExecuteResponse;
    },
  );
  const answers: Promise<string>[] = [];
  const sent: number[] = [];
  const cancelled = new Set<number>();
  for (const [what, number] of played) {
    if (what === 'run') {
      answers.push(executions.run({ type: 'Execute', code: '', id: sent.length }).then(String, ({ code }) => code));
      sent.push(sent.length);
    } else if (what === 'cancel') {
      if (executions.cancel(number)) cancelled.add(number);
    } else {
      under.get(number)?.();
    }
    await new Promise(setImmediate);
  }
  executions.abort(new LeewardError('LW_JOB_CANCELLED', 'the end'));
  await Promise.all(answers);
  return { begun, sent, cancelled, most, left: executions.cancel(0) };
}

describe('Executions', () => {
  it('begins in the order sent, never more than it may, and answers every request', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (played) => {
        const { begun, sent, most, left } = await play(played);
        expect(begun).toEqual([...begun].sort((one, other) => one - other));
        expect(new Set(begun).size).toBe(begun.length);
        expect(begun.every((id) => sent.includes(id))).toBe(true);
        expect(most).toBeLessThanOrEqual(PLACES);
        expect(left).toBe(false);
      }),
      { numRuns: 100 },
    );
  });

  it('gives the place of each that has ended to the next in line, whoever was cancelled meanwhile', async () => {
    const run: Step = ['run', 0];
    const { begun } = await play([run, run, run, run, run, ['cancel', 2], ['end', 0], ['cancel', 1]]);
    expect(begun).toEqual([0, 1, 3, 4]);
  });

  it('end the wait of one whose deadline passes in line, and tell the others when they came', async () => {
    const ends: (() => void)[] = [];
    const arrivals: number[] = [];
    const executions = new Executions(
      1,
      () => true,
      async ({ id = 0 }, _signal, arrivedAt) => {
        arrivals.push(arrivedAt);
        await new Promise<void>((resolve) => ends.push(resolve));
        return { type: 'Execute', id, success: true };
      },
    );
    const before = performance.now();
    const running = executions.run({ type: 'Execute', code: '', id: 1 });
    const late = executions.run({ type: 'Execute', code: '', id: 2, deadline_ms: 1 });
    const patient = executions.run({ type: 'Execute', code: '', id: 3, deadline_ms: 60_000 });
    const sent = performance.now();
    await expect(late).rejects.toMatchObject({
      code: 'LW_REQUEST_DEADLINE',
      message: expect.stringContaining('for its turn on this connection, which has 1 requests under way'),
    });
    ends[0]?.();
    await running;
    await vi.waitUntil(() => ends.length === 2);
    ends[1]?.();
    await patient;
    for (const at of arrivals) expect(at >= before && at <= sent).toBe(true);
  });
});
