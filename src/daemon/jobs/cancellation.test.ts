import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { LeewardError } from '../../errors/leeward-error.js';
import { Cancellation } from './cancellation.js';

const aborted = (signal: AbortSignal) =>
  new Promise<unknown>((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    signal.addEventListener('abort', () => resolve(signal.reason));
  });

describe('Cancellation', () => {
  it('ends a request with its client’s signal, and all of them at once', async () => {
    const cancellation = new Cancellation();
    const client = new AbortController();
    const [first, second] = [client.signal, undefined].map((outer) => cancellation.during(outer, aborted));
    expect(cancellation.size).toBe(2);
    client.abort();
    expect(await first).toMatchObject({ code: 'LW_JOB_CANCELLED' });
    cancellation.abort(new LeewardError('LW_DAEMON_SHUTTING_DOWN', 'the daemon stops'));
    expect(await second).toMatchObject({ code: 'LW_DAEMON_SHUTTING_DOWN' });
    expect(await cancellation.during(client.signal, aborted)).toMatchObject({ code: 'LW_JOB_CANCELLED' });
  });

  it('leaves nothing of a request behind', async () => {
    const cancellation = new Cancellation();
    const client = new AbortController();
    await cancellation.during(client.signal, async () => {});
    await expect(cancellation.during(client.signal, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(getEventListeners(client.signal, 'abort')).toEqual([]);
    expect(cancellation.size).toBe(0);
  });
});
