import { expect, it } from 'vitest';
import { fewAtATime } from './few-at-a-time.js';

it('does all, in the places of the items, and never more than so many at a time', async () => {
  let [now, most] = [0, 0];
  const values = await fewAtATime([5, 1, 3, 2, 4], 2, async (turns) => {
    most = Math.max(most, ++now);
    for (let left = turns; left > 0; left--) await new Promise(setImmediate);
    now--;
    return turns * 10;
  });
  expect([values, most]).toEqual([[50, 10, 30, 20, 40], 2]);
  expect(await fewAtATime([], 3, async () => 1)).toEqual([]);
  await expect(fewAtATime([1], 3, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
});
