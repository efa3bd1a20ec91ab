// What a scrape costs a daemon with many tenants, beside a request to the same server that looks at nothing.
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { connect } from '../dist/client/connect.js';
import { makePlace, startDaemon } from './daemon.mjs';
import { sample, sampleInTurns } from './measure.mjs';
import { processorTime } from './process.mjs';
import { microseconds, summary, table } from './statistics.mjs';

/** Ids that no host gives away. */
const FIRST_UID = 13_000;
/** A scrape is the answer to those that come within 100 ms, too: the next one is to be a look of its own. */
const GAP_MS = 150;

/** Measures and prints; only root's daemon serves tenants with ids of their own. */
export async function metricsRows(quick) {
  if (process.getuid() !== 0) {
    console.log('\nmetrics: not measured, it takes root to be several users');
    return;
  }
  const tenants = quick ? 5 : 200;
  const place = makePlace();
  addTenants(place, tenants);
  const port = await freePort();
  const daemon = await startDaemon(place, ['--metrics-port', String(port)]);
  try {
    for (let index = 0; index < tenants; index++) await runJobOf(FIRST_UID + index, place);
    await rows(port, tenants, await pidOf(place), quick);
  } finally {
    await daemon.stop();
    place.remove();
  }
}

function addTenants({ root }, count) {
  const folder = join(root, 'policies');
  for (const name of ['tenants', 'runtimes']) mkdirSync(join(folder, name));
  const file = (name, ...lines) => writeFileSync(join(folder, name), `version: 1\n${lines.join('\n')}\n`);
  file('runtimes/lean.yaml', 'kind: Runtime\nname: lean\ninterpreter: /usr/bin/python3\npool: {standby: 1, max: 4}');
  const mount = '  - {source: "/data/${tenant}/${job.id}/input", target: /input, readOnly: true, optional: true}';
  const output = '  - {source: "/data/${tenant}/${job.id}/output", target: /output, readOnly: true, optional: true}';
  file(
    'team.yaml',
    'kind: Policy\nname: team\nextends: [python]\nruntime: lean\nmounts:',
    mount,
    output,
    'requestMounts: {remove: [/data/jobs]}',
  );
  for (let index = 0; index < count; index++) {
    const name = `tenant-${index}`;
    const who = `kind: Tenant\nname: ${name}\nidentities: {uids: [${FIRST_UID + index}]}`;
    file(`tenants/${name}.yaml`, who, 'policies: [team]\nceiling: team');
  }
}

/** The daemon knows a client by the ids that it connects with (SO_PEERCRED). */
async function runJobOf(uid, { socket }) {
  process.setegid(uid);
  process.seteuid(uid);
  const client = await connect({ socket }).finally(() => {
    process.seteuid(0);
    process.setegid(0);
  });
  const { status } = await client.runCode('pass');
  await client.close();
  if (status !== 'ok') throw new Error(`a job of uid ${uid} ended as ${status}`);
}

async function pidOf({ socket }) {
  const client = await connect({ socket });
  const { pid } = await client.ping();
  await client.close();
  return pid;
}

async function rows(port, tenants, pid, quick) {
  const base = `http://127.0.0.1:${port}`;
  const text = await (await fetch(`${base}/metrics`)).text();
  const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
  const count = quick ? 10 : 100;
  const ask = (path) => async () => await (await fetch(`${base}${path}`)).text();
  const variants = ['/healthz', '/metrics'].map((name) => ({ name, run: ask(name), count }));
  const samples = await sampleInTurns(variants, { gapMs: GAP_MS, rounds: quick ? 2 : 5 });
  const used = [];
  for (const { run } of variants) used.push(await processorOf(pid, run, count));
  const [floor, scrape] = [...samples.values()].map(summary);
  const line = (name, { n, p50, p90, p99 }, cpu) => [name, String(n), ...[p50, p90, p99, cpu].map(microseconds)];
  console.log(
    `\na scrape with ${tenants} tenants, each with a pool: ${series} series, ${Buffer.byteLength(text)} bytes`,
  );
  console.log(
    table([
      ['', 'N', 'p50', 'p90', 'p99', 'processor', 'ratio'],
      [...line('/healthz', floor, used[0]), ''],
      [...line('/metrics', scrape, used[1]), (scrape.p50 / floor.p50).toFixed(1)],
    ]),
  );
}

/** Processor time of the daemon for one request, microseconds. */
async function processorOf(pid, run, count) {
  const before = processorTime(pid);
  await sample(run, { count, gapMs: GAP_MS });
  return ((processorTime(pid) - before) * 1000) / count;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
