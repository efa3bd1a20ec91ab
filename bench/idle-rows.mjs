// What connections cost on which nobody asks for anything: requests answered beside them, and the daemon's memory and processor time.
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../dist/client/connect.js';
import { processorTime, residentBytes } from './process.mjs';
import { summary, table } from './statistics.mjs';

const CONNECTIONS = 200;
const KIB = 1024;

/**
 * Measures and prints.
 *
 * @param {object} client connected
 * @param {object} place of daemon.mjs
 * @param {boolean} quick few samples
 */
export async function idleRows(client, place, quick) {
  const { pid } = await client.ping();
  const rounds = quick ? 2 : 10;
  const idle = [];
  const samples = { without: [], beside: [] };
  const cost = { without: [], beside: [] };
  // In turns, so that a slow second of the machine falls on both.
  for (let round = 0; round < rounds; round++) {
    samples.without.push(await pingsPerSecond(client, quick));
    cost.without.push(await idleCost(pid, quick));
    for (let count = 0; count < CONNECTIONS; count++) idle.push(await connect({ socket: place.socket }));
    samples.beside.push(await pingsPerSecond(client, quick));
    cost.beside.push(await idleCost(pid, quick));
    await Promise.all(idle.splice(0).map((connection) => connection.close()));
  }
  print(samples, cost);
}

function print(samples, cost) {
  const rows = Object.keys(samples).map((name) => {
    const median = (values) => summary(values).p50;
    const cpu = median(cost[name].map(({ cpuMs }) => cpuMs));
    const memory = median(cost[name].map(({ rss }) => rss));
    return [
      `${name} them`,
      `${Math.round(median(samples[name]))}/s`,
      `${cpu.toFixed(1)} ms/s`,
      `${Math.round(memory / KIB)} KiB`,
    ];
  });
  const ratio = summary(samples.beside).p50 / summary(samples.without).p50;
  console.log(
    `\n${CONNECTIONS} idle connections: pings beside them, the daemon's processor time when nobody asks, and its memory`,
  );
  console.log(table([['', 'pings', 'processor', 'memory'], ...rows, ['ratio', ratio.toFixed(2), '', '']]));
}

async function pingsPerSecond(client, quick) {
  const count = quick ? 200 : 2000;
  const started = performance.now();
  for (let index = 0; index < count; index++) await client.ping();
  return (count * 1000) / (performance.now() - started);
}

/** Processor time of the process in a second without requests, and its memory. */
async function idleCost(pid, quick) {
  const milliseconds = quick ? 200 : 1000;
  const before = processorTime(pid);
  await sleep(milliseconds);
  return { cpuMs: ((processorTime(pid) - before) * 1000) / milliseconds, rss: residentBytes(pid) };
}
