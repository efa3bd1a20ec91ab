/** Lengths that are not those of their frames, and more frames at once than anybody waits for. */
import { encodeFrame } from '../../../src/protocol/encode.js';
import { type Attempt, daemonProbe, grownBy, judged, refusalOfBytes, type Target } from './daemon-probe.js';
import { announced, frameOf } from './messages.js';

/** One frame of the largest kind, and what the collector of rubbish takes its time with. */
const MOST_GROWTH = (16 + 32) << 20;
const [PIPELINED, PADDING] = [10_000, 20_000];

const announces =
  (length: number, code: RegExp): Attempt =>
  (target) =>
    grownBy(target, MOST_GROWTH, () =>
      refusalOfBytes(target, Buffer.concat([announced(length), Buffer.alloc(64)]), code),
    );

async function pipelined(target: Target) {
  const connection = await target.connect();
  try {
    const padding = 'x'.repeat(PADDING);
    for (let id = 0; id < PIPELINED; id++) connection.send(encodeFrame({ type: 'Ping', id, [`pad${id}`]: padding }));
    const ids = new Set<number | null>();
    for (let count = 0; count < PIPELINED; count++) {
      const answer = await connection.receive();
      if (answer === undefined) break;
      ids.add(answer.id);
    }
    return { holds: ids.size === PIPELINED, detail: `${ids.size} of ${PIPELINED} requests were answered` };
  } finally {
    connection.close();
  }
}

const BAD = /^LW_PROTO_BAD_FRAME$/;
const TOO_LONG = /^LW_PROTO_FRAME_TOO_LONG$/;

export const probe = daemonProbe({
  nothing: (target) => refusalOfBytes(target, Buffer.concat([frameOf(Buffer.alloc(0)), announced(1)]), BAD),
  'one byte': (target) => refusalOfBytes(target, frameOf(Buffer.from([0xc0])), BAD),
  'one more than the most': announces(2 ** 24 + 1, TOO_LONG),
  'a quarter of a gibibyte': announces(2 ** 28, TOO_LONG),
  'what a signed length calls negative': announces(2 ** 31, TOO_LONG),
  'the largest': announces(2 ** 32 - 1, TOO_LONG),
  'more bytes than the map has': (target) =>
    refusalOfBytes(
      target,
      frameOf(Buffer.concat([encodeFrame({ type: 'Ping' }).subarray(4), Buffer.from('more')])),
      BAD,
    ),
  'a length that ends in the map': async (target) => {
    const connection = await target.connect();
    const payload = encodeFrame({ type: 'Ping', id: 7 }).subarray(4);
    connection.send(Buffer.concat([announced(payload.length - 2), payload]));
    const seen = judged(await connection.receive(), BAD);
    connection.close();
    return seen;
  },
  'ten thousand requests at once': (target) => grownBy(target, 2 * MOST_GROWTH, () => pipelined(target)),
});
