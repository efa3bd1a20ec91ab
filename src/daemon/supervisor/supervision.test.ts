import { describe, expect, it } from 'vitest';
import { LeewardError } from '../../errors/leeward-error.js';
import type { Supervisor, SupervisorEnd } from '../../native/supervisor.js';
import { type Clock, Supervision } from './supervision.js';

/** A clock that stands still: sleeps are over at once, and are written down. */
class StillClock implements Clock {
  readonly slept: number[] = [];
  time = 0;

  now(): number {
    return this.time;
  }

  async sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.slept.push(milliseconds);
    this.time += milliseconds;
  }
}

/** What supervision looks at of a supervisor: its end. */
function lifeline(): { supervisor: Supervisor; die: (reason: string) => void; closed: () => number } {
  let die = (_reason: string): void => {};
  let count = 0;
  const ended = new Promise<SupervisorEnd>((resolve) => {
    die = (reason) => resolve({ reason, expected: false });
  });
  const close = async (): Promise<void> => void count++;
  return { supervisor: { ended, close } as unknown as Supervisor, die, closed: () => count };
}

/** All that is ready to run has run. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Setting {
  readonly clock: StillClock;
  readonly supervision: Supervision;
  /** Those that were started, in their order. */
  readonly lives: ReturnType<typeof lifeline>[];
  readonly lost: [reason: string, retryMs: number][];
  /** Starts that fail, next. */
  fail: number;
}

function setting(): Setting {
  const clock = new StillClock();
  const lives: ReturnType<typeof lifeline>[] = [];
  const lost: [string, number][] = [];
  const source = async () => {
    if (it.fail > 0) {
      it.fail--;
      throw new LeewardError('LW_SANDBOX_ERROR', 'cannot start');
    }
    lives.push(lifeline());
    return (lives.at(-1) as ReturnType<typeof lifeline>).supervisor;
  };
  const events = { ready: () => {}, lost: (reason: string, retryMs: number) => void lost.push([reason, retryMs]) };
  const it: Setting = { clock, supervision: new Supervision(source, events, clock), lives, lost, fail: 0 };
  return it;
}

async function die({ lives }: Setting, reason = 'killed'): Promise<void> {
  lives.at(-1)?.die(reason);
  await settled();
}

describe('a supervisor that dies', () => {
  it('is replaced, later and later up to five seconds', async () => {
    const at = setting();
    await at.supervision.start();
    for (let death = 0; death < 8; death++) await die(at);
    expect(at.clock.slept).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
    expect(at.supervision).toMatchObject({ state: 'ready', restarts: 8 });
    expect(await at.supervision.current()).toBe(at.lives[8]?.supervisor);
  });

  it('is replaced soon when it has lived for long, not at the limit itself', async () => {
    const at = setting();
    await at.supervision.start();
    await die(at);
    await die(at);
    at.clock.time += 30_000;
    await die(at);
    at.clock.time += 30_001;
    await die(at);
    expect(at.clock.slept).toEqual([100, 200, 400, 100]);
  });

  it('is tried again when it does not start, with the reason of each failure', async () => {
    const at = setting();
    await at.supervision.start();
    at.fail = 2;
    await die(at, 'out of memory');
    expect(at.lost).toEqual([
      ['out of memory', 100],
      ['cannot start', 200],
      ['cannot start', 400],
    ]);
    expect(at.clock.slept).toEqual([100, 200, 400]);
    expect(at.supervision).toMatchObject({ state: 'ready', restarts: 3 });
  });

  it('lets those wait who need one, and fails them with the start that they waited for', async () => {
    const at = setting();
    await at.supervision.start();
    at.fail = 1;
    at.lives[0]?.die('killed');
    await at.lives[0]?.supervisor.ended;
    await Promise.resolve();
    await expect(at.supervision.current()).rejects.toMatchObject({ message: 'cannot start' });
  });
});

describe('supervision', () => {
  it('leaves the failure of the first start to the caller', async () => {
    const at = setting();
    at.fail = 1;
    await expect(at.supervision.start()).rejects.toMatchObject({ message: 'cannot start' });
    expect(at.clock.slept).toEqual([]);
  });

  it('replaces nothing after its end', async () => {
    const at = setting();
    await at.supervision.start();
    await at.supervision.stop();
    await die(at);
    expect(at.lives).toHaveLength(1);
    expect(at.lives[0]?.closed()).toBe(1);
    await expect(at.supervision.current()).rejects.toMatchObject({ code: 'LW_DAEMON_SHUTTING_DOWN' });
  });
});
