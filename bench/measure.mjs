import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Times `run` again and again, one at a time.
 *
 * @param {() => unknown} run
 * @param {{count: number, gapMs: number}} options the gap lies between the end of one and the start of the next
 * @returns {Promise<number[]>} microseconds
 */
export async function sample(run, { count, gapMs }) {
  const samples = [];
  for (let index = 0; index < count; index++) {
    if (gapMs > 0) await sleep(gapMs);
    const started = performance.now();
    await run();
    samples.push((performance.now() - started) * 1000);
  }
  return samples;
}

/**
 * Samples several variants in turns, so that a slow second of the machine falls on all of them.
 *
 * @param {{name: string, run: () => unknown, count: number}[]} variants
 * @returns {Promise<Map<string, number[]>>}
 */
export async function sampleInTurns(variants, { gapMs, rounds }) {
  const samples = new Map(variants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const { name, run, count } of variants) {
      await run(); // not counted: the first after another variant finds its caches cold
      samples.get(name).push(...(await sample(run, { count: Math.ceil(count / rounds), gapMs })));
    }
  }
  return samples;
}
