/** The directory that a request mounts is exchanged for a link to another one, over and over, while requests come. */
import type { HostContext, HostProbe } from '../runner/host-probe.js';
import { trySwapped } from './swapped.js';

const SOURCE = { name: 'a link instead of the directory', how: 'swap', part: 'the source' } as const;

const tryIt = async (context: HostContext, times: number) => [await trySwapped(context, SOURCE, times)];

export const probe: HostProbe = {
  control: (context) => tryIt(context, 200),
  run: (context) => tryIt(context, context.variant.confines ? context.times : 200),
};
