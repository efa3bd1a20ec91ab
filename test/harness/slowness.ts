/** How many times longer everything may take here than on the host that the tests were written on: emulated guests set it. */
export const slowness = Math.max(1, Number(process.env['LEEWARD_TEST_SLOWNESS'] ?? 1));

/** A bound of time on an ordinary host, as it holds here. Milliseconds or seconds, as given. */
export function atMost(time: number): number {
  return time * slowness;
}
