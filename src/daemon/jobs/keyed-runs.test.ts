import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { LeewardError } from '../../errors/leeward-error.js';
import type { ExecuteRequest, JobResult, JobStatus } from '../../protocol/messages.gen.js';
import type { Execution } from './executor.js';
import { KeyedRuns, type KeyOwner } from './keyed-runs.js';

const owner: KeyOwner = { tenant: 'local', uid: 1000 };
const request = { type: 'Execute', code: 'pass', idempotency_key: 'k' } as const;

/** The end of a job whose code has started. */
function ended(stdout: string, status: JobStatus = 'ok'): Execution {
  const result = { stdout, status } as unknown as JobResult;
  return { job: '1kw74zh00001', policy: 'python', status, result, error: undefined };
}

/** Runs wait until the test ends them. */
class Runs {
  readonly keyed = new KeyedRuns();
  readonly begun: {
    readonly signal: AbortSignal;
    readonly end: (execution: Execution) => void;
    readonly fail: (error: Error) => void;
  }[] = [];

  ask(
    change: Partial<ExecuteRequest> = {},
    signal = new AbortController().signal,
    by: KeyOwner = owner,
    onReplay?: () => void,
  ) {
    return this.keyed.answer(
      { ...request, ...change, idempotency_key: change.idempotency_key ?? 'k' },
      by,
      signal,
      (any) => new Promise((end, fail) => this.begun.push({ signal: any, end, fail })),
      onReplay,
    );
  }
}

const stdoutOf = ({ answer, replayed }: Awaited<ReturnType<Runs['ask']>>) => [answer.result?.stdout, replayed];

/** Until everything that can be settled is. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('KeyedRuns', () => {
  it('runs a request once, whether the second one comes during or after the first', async () => {
    const runs = new Runs();
    const [first, second] = [runs.ask({ id: 1 }), runs.ask({ id: 2 })];
    runs.begun[0]?.end(ended('once'));
    expect(stdoutOf(await first)).toEqual(['once', false]);
    expect(stdoutOf(await second)).toEqual(['once', true]);
    expect(stdoutOf(await runs.ask())).toEqual(['once', true]);
    expect(runs.begun).toHaveLength(1);
  });

  it('gives no answer again to one who may not ask so often', async () => {
    const runs = new Runs();
    const often = new LeewardError('LW_REQUEST_QUOTA', 'too often');
    const refuse = () => {
      throw often;
    };
    const first = runs.ask({}, undefined, owner, refuse);
    await expect(runs.ask({}, undefined, owner, refuse)).rejects.toBe(often);
    runs.begun[0]?.end(ended('once'));
    expect(stdoutOf(await first)).toEqual(['once', false]);
    await expect(runs.ask({}, undefined, owner, refuse)).rejects.toBe(often);
    expect(stdoutOf(await runs.ask())).toEqual(['once', true]);
  });

  it('remembers how a job failed, too', async () => {
    const runs = new Runs();
    const first = runs.ask();
    const error = new LeewardError('LW_JOB_TIMED_OUT', 'timed out after 1 s');
    runs.begun[0]?.end({ ...ended('', 'timed_out'), error });
    await first;
    const { answer, replayed } = await runs.ask();
    expect(answer).toMatchObject({ success: false, result: { status: 'timed_out' }, error: error.toJSON() });
    expect([replayed, runs.begun.length]).toEqual([true, 1]);
  });

  it('refuses the key for another request, during and after the first', async () => {
    const runs = new Runs();
    const first = runs.ask();
    const reused = {
      code: 'LW_REQUEST_KEY_REUSED',
      message: 'idempotency_key k was used for another request',
      place: { field: 'idempotency_key' },
      retryable: false,
    };
    await expect(runs.ask({ code: 'other' })).rejects.toMatchObject(reused);
    runs.begun[0]?.end(ended('once'));
    await first;
    await expect(runs.ask({ code: 'other' })).rejects.toMatchObject(reused);
    expect(stdoutOf(await runs.ask())).toEqual(['once', true]);
  });

  it.each<[string, Execution]>([
    ['was lost', { ...ended('', 'lost'), result: undefined }],
    ['was lost after its start', ended('', 'lost')],
    ['was cancelled', ended('half', 'cancelled')],
    ['never started', { ...ended('', 'sandbox_error'), result: undefined }],
  ])('runs again after a job that %s', async (_, execution) => {
    const runs = new Runs();
    const first = runs.ask();
    runs.begun[0]?.end(execution);
    await first;
    const second = runs.ask({ code: 'even another one' });
    runs.begun[1]?.end(ended('again'));
    expect(stdoutOf(await second)).toEqual(['again', false]);
  });

  it('gives a refusal to all who wait, and runs again after it', async () => {
    const runs = new Runs();
    const [first, second] = [runs.ask(), runs.ask()];
    const busy = new LeewardError('LW_DAEMON_BUSY', 'no room');
    runs.begun[0]?.fail(busy);
    for (const waiting of [first, second]) await expect(waiting).rejects.toBe(busy);
    const third = runs.ask();
    runs.begun[1]?.end(ended('again'));
    expect(stdoutOf(await third)).toEqual(['again', false]);
  });

  it('refuses output that is sent before the answer', async () => {
    const runs = new Runs();
    const refused = { code: 'LW_PROTO_BAD_FIELD', place: { field: 'stream' } };
    await expect(runs.ask({ stream: true })).rejects.toMatchObject(refused);
    expect(runs.begun).toEqual([]);
  });

  it('keeps the keys of users and tenants apart', async () => {
    const runs = new Runs();
    const others = [owner, { ...owner, uid: 0 }, { ...owner, tenant: 'other' }];
    const all = others.map((by) => runs.ask({}, undefined, by));
    for (const [index, { end }] of runs.begun.entries()) end(ended(`${index}`));
    expect((await Promise.all(all)).map(stdoutOf)).toEqual(others.map((_, index) => [`${index}`, false]));
    const again = await Promise.all(others.map((by) => runs.ask({}, undefined, by)));
    expect(again.map(stdoutOf)).toEqual(others.map((_, index) => [`${index}`, true]));
  });
});

describe('clients of one run', () => {
  it('may go: the job goes on for the others, and is cancelled when the last one has gone', async () => {
    const runs = new Runs();
    const clients = [new AbortController(), new AbortController()];
    const [first, second] = clients.map(({ signal }) => runs.ask({}, signal));
    clients[0]?.abort(new LeewardError('LW_JOB_CANCELLED', 'the client is gone'));
    await expect(first).rejects.toMatchObject({ code: 'LW_JOB_CANCELLED', message: 'the client is gone' });
    expect(runs.begun[0]?.signal.aborted).toBe(false);
    clients[1]?.abort(new LeewardError('LW_JOB_CANCELLED', 'the other one, too'));
    expect(runs.begun[0]?.signal.reason).toMatchObject({ message: 'the other one, too' });
    runs.begun[0]?.end(ended('half', 'cancelled'));
    expect((await second)?.answer).toMatchObject({ result: { status: 'cancelled' } });
  });

  it('that come while a job is being cancelled wait for its end, and run when it did not come to its own', async () => {
    const runs = new Runs();
    const gone = new AbortController();
    const first = runs.ask({}, gone.signal);
    gone.abort();
    const waiting = [runs.ask(), runs.ask()];
    await settled();
    expect(runs.begun).toHaveLength(1);
    runs.begun[0]?.end(ended('half', 'cancelled'));
    await first;
    await settled();
    expect(runs.begun).toHaveLength(2);
    runs.begun[1]?.end(ended('whole'));
    expect((await Promise.all(waiting)).map(stdoutOf).sort()).toEqual([
      ['whole', false],
      ['whole', true],
    ]);
  });

  it('that come while a job is being cancelled get its answer when it ended by itself', async () => {
    const runs = new Runs();
    const gone = new AbortController();
    void runs.ask({}, gone.signal);
    gone.abort();
    const second = runs.ask();
    runs.begun[0]?.end(ended('whole'));
    expect(stdoutOf(await second)).toEqual(['whole', true]);
    expect(runs.begun).toHaveLength(1);
  });

  it('do not wait for that end any longer than they are there', async () => {
    const runs = new Runs();
    const [gone, impatient] = [new AbortController(), new AbortController()];
    void runs.ask({}, gone.signal);
    gone.abort();
    const second = runs.ask({}, impatient.signal);
    impatient.abort(new Error('gone, too'));
    await expect(second).rejects.toThrow('gone, too');
    expect(runs.begun).toHaveLength(1);
  });

  it('leave nothing behind at their signals', async () => {
    const runs = new Runs();
    const client = new AbortController();
    const both = [runs.ask({}, client.signal), runs.ask({}, client.signal)];
    runs.begun[0]?.end(ended('once'));
    await Promise.all(both);
    await runs.ask({}, client.signal);
    expect(getEventListeners(client.signal, 'abort')).toEqual([]);
  });
});
