/** Clients that only sit there: more than are served, and some that stop in the middle. Others are still served. */
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeFrame } from '../../../src/protocol/encode.js';
import { descriptorCount } from '../../harness/processes.js';
import { eventually } from '../../harness/wait.js';
import { daemonProbe, grownBy, type Seen, type Target } from './daemon-probe.js';
import { announced } from './messages.js';
import { rawClient } from './raw-client.js';
import { answers } from './target.js';

/** Above the 256 that are served, and the 256 more that are just being told so. */
const CLIENTS = 600;
const SERVED = 256;
const STALLED = 24;
const UNREAD = 2_000;
/** Far less than `STALLED` clients announce together, and less than `UNREAD` requests hold. */
const [STALLED_GROWTH, UNREAD_GROWTH] = [64 << 20, 32 << 20];

/** What a client who was there before sees while `CLIENTS` others come. */
async function idle(target: Target): Promise<Seen> {
  const there = await target.connect();
  const before = descriptorCount(target.pid);
  const sockets = await connected(target, CLIENTS);
  try {
    const { success } = await there.ask({ type: 'Ping' });
    await eventually(
      'those who are too many are turned away',
      5_000,
      () => descriptorCount(target.pid) <= before + SERVED,
    );
    return { holds: success, detail: `${descriptorCount(target.pid) - before} descriptors for ${CLIENTS} clients` };
  } finally {
    for (const socket of sockets) socket.destroy();
    there.close();
  }
}

function connected(target: Target, count: number): Promise<readonly Socket[]> {
  return Promise.all(Array.from({ length: count }, () => rawClient(target)));
}

/** The descriptors of clients that have gone go too. */
async function gone(target: Target): Promise<Seen> {
  const before = descriptorCount(target.pid);
  const sockets = await connected(target, 100);
  for (const socket of sockets) socket.end(announced(100).subarray(0, 2));
  await answers(target);
  await eventually('their descriptors are closed', 5_000, () => descriptorCount(target.pid) <= before);
  for (const socket of sockets) socket.destroy();
  return { holds: true, detail: 'each descriptor is closed' };
}

/** Each announces the largest frame, and sends its first byte. */
async function stalled(target: Target): Promise<Seen> {
  const sockets = await connected(target, STALLED);
  for (const socket of sockets) socket.write(Buffer.concat([announced(1 << 24), Buffer.from([0x81])]));
  const success = await answers(target);
  for (const socket of sockets) socket.destroy();
  return { holds: success, detail: `${STALLED} frames that do not come` };
}

/** Waits until all that was written is taken, or no more is. */
async function taken(socket: Socket): Promise<void> {
  for (let [left, same] = [socket.writableLength, 0]; left > 0 && same < 4; ) {
    await sleep(100);
    same = socket.writableLength === left ? same + 1 : 0;
    left = socket.writableLength;
  }
}

/** Asks again and again, and reads nothing. */
async function unread(target: Target): Promise<Seen> {
  const socket = await rawClient(target);
  socket.pause();
  const frame = encodeFrame({ type: 'Ping', id: 1, more: 'x'.repeat(40_000) });
  for (let count = 0; count < UNREAD; count++) socket.write(frame);
  await taken(socket);
  const success = await answers(target);
  socket.destroy();
  return { holds: success, detail: `${UNREAD} requests of one who reads no answer` };
}

export const probe = daemonProbe({
  'more clients than are served': idle,
  'clients that end in the middle': gone,
  'frames that stop in the middle': (target) => grownBy(target, STALLED_GROWTH, () => stalled(target)),
  'answers that nobody reads': (target) => grownBy(target, UNREAD_GROWTH, () => unread(target)),
});
