import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Turns } from './turns.js';

/** Turns in which each request takes a millisecond, and what was done in them: one list for each turn of the event loop. */
class Watched {
  #time = 0;
  readonly done: string[] = [];
  readonly turns = new Turns(4, () => this.#time);

  /** @param count requests of one connection */
  ask(owner: string, count: number, connection = owner): void {
    let left = count;
    this.turns.take(owner, () => {
      this.#time++;
      this.done.push(connection);
      return --left > 0;
    });
  }

  /** What is done in the next turn of the event loop. */
  async next(): Promise<string> {
    const before = this.done.length;
    await turn();
    return this.done.slice(before).join('');
  }
}

describe('Turns', () => {
  it('takes requests at once while there is time, and then lets everything else have its turn', async () => {
    const watched = new Watched();
    watched.ask('a', 3);
    expect(watched.done.join('')).toBe('aaa');
    watched.ask('a', 6);
    expect(watched.done.join('')).toBe('aaaa');
    expect(await watched.next()).toBe('aaaa');
    expect(await watched.next()).toBe('a');
    watched.ask('b', 1);
    expect(watched.done.at(-1)).toBe('b');
  });

  it('lets owners take turns, however many connections one of them has', async () => {
    const watched = new Watched();
    for (const connection of ['1', '2', '3', '4', '5', '6']) watched.ask('many', 10, connection);
    watched.ask('one', 2, 'x');
    expect(watched.done.join('')).toBe('1111');
    expect(await watched.next()).toBe('1x2x');
    expect(await watched.next()).toBe('3456');
    expect(await watched.next()).toBe('1234');
  });

  it('does everything once, and never more in a turn of the event loop than there is time for', async () => {
    const asked = fc.record({ owner: fc.constantFrom('a', 'b', 'c'), count: fc.integer({ min: 1, max: 9 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(asked, { maxLength: 8 }), async (all) => {
        const watched = new Watched();
        for (const { owner, count } of all) watched.ask(owner, count);
        expect(watched.done.length).toBeLessThanOrEqual(4);
        const due = all.flatMap(({ owner, count }) => Array<string>(count).fill(owner));
        for (let done = -1; done < watched.done.length; ) {
          done = watched.done.length;
          expect((await watched.next()).length).toBeLessThanOrEqual(4);
        }
        expect(watched.done.toSorted()).toEqual(due.toSorted());
      }),
      { numRuns: 50 },
    );
  });
});
