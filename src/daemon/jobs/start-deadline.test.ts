import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StartDeadline } from './start-deadline.js';

const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

const turn = () => 'its turn';

describe('StartDeadline', () => {
  let client: AbortController;

  beforeEach(() => {
    vi.useFakeTimers();
    client = new AbortController();
  });
  afterEach(() => vi.useRealTimers());

  it('ends a wait that takes too long, counted from the arrival, and says what was waited for', async () => {
    const deadline = new StartDeadline(100, performance.now());
    vi.advanceTimersByTime(60);
    const waited = deadline.during(client.signal, turn, untilAborted).catch((error: unknown) => error);
    vi.advanceTimersByTime(40);
    expect(await waited).toMatchObject({
      code: 'LW_REQUEST_DEADLINE',
      message: 'deadline_ms is 100, and the request has waited 100 ms for its turn',
      place: { field: 'deadline_ms' },
      retryable: true,
    });
    await expect(deadline.during(client.signal, turn, async () => 'begun')).rejects.toThrow('waited 100 ms');
  });

  it('gives what came in time, and leaves no timer and no listener', async () => {
    const deadline = new StartDeadline(100, performance.now());
    expect(await deadline.during(client.signal, turn, async () => 'a place')).toBe('a place');
    expect(await deadline.waitFor(client.signal, turn, async () => 'a policy')).toBe('a policy');
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(client.signal, 'abort')).toEqual([]);
  });

  it('does not hide that the client has gone, before or while it waits', async () => {
    const deadline = new StartDeadline(100, performance.now());
    const waited = deadline.during(client.signal, turn, untilAborted);
    client.abort(new Error('gone'));
    await expect(waited).rejects.toThrow('gone');
    await expect(deadline.waitFor(client.signal, turn, () => new Promise(() => {}))).rejects.toThrow('gone');
  });

  it('refuses what was ready only after the time, as the event loop stood still', async () => {
    const deadline = new StartDeadline(100, performance.now());
    const late = async () => void vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 5000);
    await expect(deadline.waitFor(client.signal, turn, late)).rejects.toThrow('for its turn');
    vi.restoreAllMocks();
  });

  it('without a time waits as long as it takes', async () => {
    const deadline = new StartDeadline(undefined, performance.now() - 1e9);
    expect(await deadline.waitFor(client.signal, turn, async () => 1)).toBe(1);
    deadline.arm(() => {
      throw new Error('never');
    });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('calls an action at the deadline, unless it is disarmed', () => {
    const action = vi.fn();
    const deadline = new StartDeadline(50, performance.now());
    const disarm = deadline.arm(action);
    disarm();
    deadline.arm(action);
    vi.advanceTimersByTime(49);
    expect(action).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(action).toHaveBeenCalledTimes(1);
  });
});
