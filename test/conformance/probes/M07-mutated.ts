/** Valid frames with a few bytes changed, cut or written twice: the same ones in every run. */
import { encodeFrame } from '../../../src/protocol/encode.js';
import { descriptorCount } from '../../harness/processes.js';
import { eventually } from '../../harness/wait.js';
import type { HostContext } from '../runner/host-probe.js';
import { daemonProbe, grownBy, type Seen, type Target } from './daemon-probe.js';
import { frameOf } from './messages.js';
import { rawClient } from './raw-client.js';

/** No policy has this name, so that none of it runs. */
const policy = 'there-is-none';
const MESSAGES = [
  { type: 'Ping', id: 1, protocol: 1 },
  { type: 'Status', id: 2 },
  { type: 'Execute', code: 'pass', policy, id: 3, timeout_secs: 1.5, memory_limit: 1 << 30, argv: ['a', 'b'] },
  { type: 'Execute', code: '', policy, mounts: [{ host: '/data/a', sandbox: '/input', ro: true }], job_id: 'a' },
  { type: 'Execute', code: '', policy, env: { A: 'b' }, params: { region: 'x' }, stdin: Buffer.from([0, 255]) },
] as const;
const SEED = 7;
const FRAMES_A_CLIENT = 20;
const MOST_GROWTH = 64 << 20;

/** xorshift32: of one seed always the same numbers. */
function numbers(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761 + 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function mutated(next: (below: number) => number): Buffer {
  const payload = Buffer.from(encodeFrame(MESSAGES[next(MESSAGES.length)] ?? {}).subarray(4));
  for (let change = next(4); change >= 0; change--) payload[next(payload.length)] = next(256);
  const from = next(payload.length);
  switch (next(5)) {
    case 0:
      return frameOf(payload.subarray(0, from));
    case 1:
      return frameOf(Buffer.concat([payload, payload.subarray(from)]));
    case 2: {
      // The length is wrong too: what follows is read from another place.
      const frame = frameOf(payload);
      frame[next(4)] = next(3);
      return frame;
    }
    default:
      return frameOf(payload);
  }
}

/** One client, who ends when it has sent what it has. */
async function send(target: Target, frames: Uint8Array): Promise<void> {
  const client = await rawClient(target);
  await new Promise((resolve) => {
    client.once('close', resolve).resume();
    client.end(frames);
  });
}

async function mutations(target: Target, { times }: HostContext): Promise<Seen> {
  const [descriptors, logged] = [descriptorCount(target.pid), target.log.length];
  const next = numbers(SEED);
  for (let client = 0; client < times; client++) {
    await send(target, Buffer.concat(Array.from({ length: FRAMES_A_CLIENT }, () => mutated(next))));
  }
  await eventually('all descriptors are closed', 5_000, () => descriptorCount(target.pid) <= descriptors);
  // pino's levels from error on: nothing that comes over the socket may be an error of the daemon's own.
  const own = target.log.slice(logged).match(/^.*("level":[56]0|Error:).*$/m)?.[0];
  return { holds: own === undefined, detail: own ?? `${times * FRAMES_A_CLIENT} frames` };
}

export const probe = daemonProbe({
  'frames with a few bytes changed': (target, context) =>
    grownBy(target, MOST_GROWTH, () => mutations(target, context)),
});
