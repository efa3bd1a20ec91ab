// What requests wait because policies change while they are served.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../dist/client/connect.js';
import { makePlace, startDaemon } from './daemon.mjs';
import { microseconds, summary, table } from './statistics.mjs';

const POLICY = 'bench-changing';
const CLIENTS = 2;

/** Measures and prints. @param {boolean} quick few samples */
export async function reloadRows(quick) {
  const count = quick ? 5 : 100;
  const place = makePlace();
  const write = (pids) => writeFileSync(join(place.root, 'policies', `${POLICY}.yaml`), textOf(pids));
  write(16);
  try {
    const daemon = await startDaemon(place);
    const client = await connect({ socket: place.socket });
    try {
      await client.runCode('print("hi")', { policy: POLICY });
      const still = await underLoad(place, () => sleep(quick ? 500 : 20_000));
      const changing = await underLoad(place, async () => {
        for (let index = 0; index < count; index++) await change(client, () => write(17 + (index % 2)));
      });
      print(count, still, changing);
    } finally {
      await client.close();
      await daemon.stop();
    }
  } finally {
    place.remove();
  }
}

function textOf(pids) {
  return `version: 1\nkind: Policy\nname: ${POLICY}\nextends: [builtin:python@1]\nruntime: python\nlimits: {pids: ${pids}}\n`;
}

/** Changes the folder and waits until the change is served. */
async function change(client, act) {
  const { daemon } = await client.status();
  act();
  for (;;) {
    const now = await client.status();
    if (now.reload_error !== null) throw new Error(now.reload_error.message);
    if (now.daemon.generation > daemon.generation) return;
    await sleep(10);
  }
}

/** Latencies of clients that ask all the time while something goes on, microseconds, and how many of their requests failed. */
async function underLoad(place, work) {
  const samples = [];
  let failed = 0;
  let going = true;
  const asking = Array.from({ length: CLIENTS }, async () => {
    const client = await connect({ socket: place.socket });
    while (going) {
      const started = performance.now();
      const { status } = await client.runCode('print("hi")', { policy: POLICY }).catch(() => ({ status: 'refused' }));
      samples.push((performance.now() - started) * 1000);
      if (status !== 'ok') failed++;
    }
    await client.close();
  });
  await work();
  going = false;
  await Promise.all(asking);
  return { ...summary(samples), max: Math.max(...samples), failed };
}

function print(count, still, changing) {
  const row = (name, { n, p50, p99, max, failed }) => [
    name,
    String(n),
    ...[p50, p99, max].map(microseconds),
    String(failed),
  ];
  const ratio = (key) => `${(changing[key] / still[key]).toFixed(2)}x`;
  console.log(`\n${CLIENTS} clients with a hello job after the other, while their policy changes ${count} times`);
  console.log(
    table([
      ['', 'N', 'p50', 'p99', 'max', 'failed'],
      row('no change', still),
      row('changing', changing),
      ['ratio', '', ratio('p50'), ratio('p99'), ratio('max'), ''],
    ]),
  );
}
