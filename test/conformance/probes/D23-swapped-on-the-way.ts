/** A directory on the way to a mount's source is exchanged for a link; and the source itself, with a moment of nothing between. */
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import { trySwapped } from './swapped.js';

const SOURCES = [
  { name: 'a link instead of its parent', how: 'swap', part: 'its parent' },
  { name: 'nothing, then a link instead of its parent', how: 'gap', part: 'its parent' },
  { name: 'nothing, then a link', how: 'gap', part: 'the source' },
] as const;

async function tryAll(context: HostContext, times: number): Promise<readonly HostAttempt[]> {
  const attempts: HostAttempt[] = [];
  for (const source of SOURCES) attempts.push(await trySwapped(context, source, times));
  return attempts;
}

export const probe: HostProbe = {
  control: (context) => tryAll(context, 400),
  run: (context) => tryAll(context, context.variant.confines ? context.times : 400),
};
