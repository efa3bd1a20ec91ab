import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ExecuteResponse } from '../../protocol/messages.gen.js';
import { ANSWER_BOUNDS, RememberedAnswers } from './remembered-answers.js';

/** An answer whose size follows `bytes`. */
function answerOf(bytes: number, text = 'x'): ExecuteResponse {
  const result = { stdout: text.repeat(bytes) };
  return { type: 'Execute', id: null, success: true, result } as unknown as ExecuteResponse;
}

const keysOf = (answers: RememberedAnswers, tenant: string, keys: readonly string[]) =>
  keys.filter((key) => answers.get(tenant, key) !== undefined);

describe('RememberedAnswers', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('gives an answer back as it was, bytes included, and as often as it is asked for', () => {
    const answers = new RememberedAnswers();
    const answer = { ...answerOf(3), result: { stdout: Buffer.from([0xff, 0]), memory_peak: null, text: 'olá 💥' } };
    answers.set('t', 'k', 'digest', answer as unknown as ExecuteResponse);
    const first = answers.get('t', 'k');
    expect(first).toEqual({ digest: 'digest', answer });
    const { stdout } = first?.answer.result ?? {};
    if (stdout instanceof Uint8Array) stdout.fill(7);
    expect(answers.get('t', 'k')?.answer).toEqual(answer);
    expect(answers.get('t', 'other')).toBeUndefined();
    expect(answers.get('other', 'k')).toBeUndefined();
  });

  it('forgets it after its time', () => {
    const answers = new RememberedAnswers();
    answers.set('t', 'k', 'd', answerOf(1));
    vi.advanceTimersByTime(ANSWER_BOUNDS.ageMs - 1);
    expect(answers.get('t', 'k')).toBeDefined();
    vi.advanceTimersByTime(1);
    expect(answers.get('t', 'k')).toBeUndefined();
  });

  it('counts the time anew for a key that is used again after it was forgotten', () => {
    const answers = new RememberedAnswers({ ...ANSWER_BOUNDS, keys: 1 });
    answers.set('t', 'a', 'd', answerOf(1));
    vi.advanceTimersByTime(ANSWER_BOUNDS.ageMs - 1);
    answers.set('t', 'b', 'd', answerOf(1));
    answers.set('t', 'a', 'd', answerOf(1));
    vi.advanceTimersByTime(ANSWER_BOUNDS.ageMs - 1);
    expect(answers.get('t', 'a')).toBeDefined();
  });

  it('forgets the oldest first when there are too many, and when they are too large', () => {
    const keys = ['1', '2', '3', '4'];
    const few = new RememberedAnswers({ ...ANSWER_BOUNDS, keys: 3 });
    for (const key of keys) few.set('t', key, 'd', answerOf(1));
    expect(keysOf(few, 't', keys)).toEqual(['2', '3', '4']);
    const small = new RememberedAnswers({ ...ANSWER_BOUNDS, bytes: 2500 });
    for (const key of keys) small.set('t', key, 'd', answerOf(1000));
    expect(keysOf(small, 't', keys)).toEqual(['3', '4']);
    small.set('t', '5', 'd', answerOf(3000));
    expect(keysOf(small, 't', [...keys, '5'])).toEqual([]);
  });

  it('takes from the tenant that has the most', () => {
    const answers = new RememberedAnswers({ ...ANSWER_BOUNDS, keys: 4 });
    answers.set('modest', 'first of all', 'd', answerOf(1));
    for (const key of ['1', '2', '3', '4', '5', '6']) answers.set('greedy', key, 'd', answerOf(1));
    expect(keysOf(answers, 'modest', ['first of all'])).toHaveLength(1);
    expect(keysOf(answers, 'greedy', ['1', '2', '3', '4', '5', '6'])).toEqual(['4', '5', '6']);
  });

  it('never holds more than its bounds, whatever comes', () => {
    const bounds = { ageMs: 1000, bytes: 5000, keys: 5 };
    const step = fc.record({
      tenant: fc.constantFrom('a', 'b', 'c'),
      key: fc.constantFrom('1', '2', '3', '4'),
      bytes: fc.nat(2000),
      after: fc.nat(400),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const answers = new RememberedAnswers(bounds);
        for (const { tenant, key, bytes, after } of steps) {
          vi.advanceTimersByTime(after);
          answers.set(tenant, key, 'd', answerOf(bytes));
          const held = ['a', 'b', 'c'].flatMap((each) =>
            ['1', '2', '3', '4'].flatMap((one) => answers.get(each, one)?.answer ?? []),
          );
          const size = held.reduce((sum, { result }) => sum + String(result?.stdout).length, 0);
          expect(held.length).toBeLessThanOrEqual(bounds.keys);
          expect(size).toBeLessThanOrEqual(bounds.bytes);
          expect(vi.getTimerCount()).toBe(held.length);
        }
        vi.clearAllTimers();
      }),
      { numRuns: 30 },
    );
  });
});
