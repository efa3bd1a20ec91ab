// The benchmark; scripts/bench.mjs builds and starts it. It asserts nothing about time.
import { connect } from '../dist/client/connect.js';
import { compare } from './comparison.mjs';
import { makePlace, startDaemon } from './daemon.mjs';
import { hostLines } from './host.mjs';
import { idleRows } from './idle-rows.mjs';
import { latencyRows } from './latency-rows.mjs';
import { metricsRows } from './metrics-rows.mjs';
import { policyRows } from './policy-rows.mjs';
import { reloadRows } from './reload-rows.mjs';
import { tenantRows } from './tenant-rows.mjs';
import { WORKLOADS } from './workloads.mjs';

/** @param {{quick: boolean, policiesOnly: boolean}} options `quick`: few samples, to see it work; `policiesOnly`: no jobs */
export async function main({ quick, policiesOnly }) {
  console.log(hostLines().join('\n'));
  if (quick) console.log('quick    few samples: the figures are no measurement');
  await policyRows(quick);
  if (policiesOnly) return;
  await jobRows(quick);
  await tenantRows(quick);
  await metricsRows(quick);
  await reloadRows(quick);
}

async function jobRows(quick) {
  const place = makePlace();
  try {
    const starts = [];
    for (let index = quick ? 1 : 4; index > 0; index--) starts.push(await timeStart(place));
    const daemon = await startDaemon(place);
    const client = await connect({ socket: place.socket });
    try {
      for (const workload of WORKLOADS) await compare(workload, client, place, quick);
      await latencyRows(client, place, starts, quick);
      await idleRows(client, place, quick);
    } finally {
      await client.close();
      await daemon.stop();
    }
  } finally {
    place.remove();
  }
}

/** Start of the process to the answer to its first job, microseconds. */
async function timeStart(place) {
  const started = performance.now();
  const daemon = await startDaemon(place);
  const client = await connect({ socket: place.socket });
  const { status } = await client.runCode('print("hi")', { policy: 'python' });
  const elapsed = (performance.now() - started) * 1000;
  if (status !== 'ok') throw new Error(`the first job ended as ${status}`);
  await client.close();
  await daemon.stop();
  return elapsed;
}
