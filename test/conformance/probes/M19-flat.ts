/** Thousands of requests, one after the other: the daemon keeps nothing of them. */
import { encodeFrame } from '../../../src/protocol/encode.js';
import { descriptorCount } from '../../harness/processes.js';
import type { HostContext } from '../runner/host-probe.js';
import { daemonProbe, grownBy, type Seen, type Target } from './daemon-probe.js';

/** For each time of the case. */
const REQUESTS = 5_000;
const CODE = 'x'.repeat(20_000);
/** Less than all of the requests' texts together, and more than a heap moves by itself. */
const MOST_GROWTH = 64 << 20;

async function ask(target: Target, count: number): Promise<Seen> {
  let answered = 0;
  const connection = await target.connect();
  try {
    for (let id = 0; id < count; id++) {
      connection.send(
        encodeFrame({ type: id % 2 === 0 ? 'Ping' : 'Execute', id, code: CODE, policy: 'there-is-none' }),
      );
      if (id % 50 !== 49) continue;
      for (; answered <= id; answered++) if ((await connection.receive()) === undefined) break;
    }
  } finally {
    connection.close();
  }
  return { holds: answered === count, detail: `${answered} of ${count} requests were answered` };
}

async function flat(target: Target, { times }: HostContext): Promise<Seen> {
  // What the first ones need for good.
  await ask(target, 500);
  const descriptors = descriptorCount(target.pid);
  const seen = await grownBy(target, MOST_GROWTH, () => ask(target, times * REQUESTS));
  const more = descriptorCount(target.pid) - descriptors;
  return { holds: seen.holds && more <= 1, detail: `${seen.detail}, descriptors by ${more}` };
}

export const probe = daemonProbe({ 'memory and descriptors': flat });
