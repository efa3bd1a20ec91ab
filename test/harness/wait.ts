import { atMost } from './slowness.js';

/**
 * Asks again and again until the answer is neither undefined nor false.
 *
 * @throws Error with `what` when that does not happen in time
 */
export async function eventually<T>(
  what: string,
  timeoutMs: number,
  ask: () => T | Promise<T>,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + atMost(timeoutMs);
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${atMost(timeoutMs)} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
