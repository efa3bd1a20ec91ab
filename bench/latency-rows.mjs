// The rows of a request's path, from the daemon's own `timing` and from clocks of the client.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '../dist/client/connect.js';
import { decodePayload } from '../dist/protocol/decode.js';
import { encodeFrame } from '../dist/protocol/encode.js';
import { FrameReader } from '../dist/protocol/frame-reader.js';
import { LEEWARD } from './daemon.mjs';
import { sample } from './measure.mjs';
import { microseconds, summary, table } from './statistics.mjs';
import { WORKLOADS } from './workloads.mjs';

const FOUNDING = JSON.parse(readFileSync(new URL('founding.json', import.meta.url), 'utf8')).rows;
const [HELLO, PANDAS] = WORKLOADS;
const MIB = 1 << 20;
const GAP_MS = 5;

/** By the names of founding.json, in the order of a request's way. */
const TITLES = {
  'daemon-start': 'start of the daemon to its first answer to a job',
  connect: 'connect and first ping',
  frame: 'frame: encode a request, decode its answer',
  admission: 'admission and messages between the processes',
  queue: 'queue for a standby job',
  attach: 'open, clone and attach two mounts',
  payload: 'payload: 1 MiB of standard input, beyond hello',
  run: 'run of hello, code released to end of process',
  output: 'drain: 1 MiB of output, beyond hello',
  teardown: 'tear-down',
  hello: 'whole hello, Node client',
  pandas: 'whole pandas group-by, Node client',
  embedded: 'whole `leeward exec` without a daemon',
};

/**
 * Measures all rows but the daemon's start, and prints all.
 *
 * @param {object} client connected
 * @param {object} place of daemon.mjs
 * @param {number[]} starts microseconds that starts of the daemon took
 */
export async function latencyRows(client, place, starts, quick) {
  const count = quick ? 30 : 200;
  const samples = {
    'daemon-start': starts,
    connect: await sample(() => connectAndPing(place.socket), { count, gapMs: GAP_MS }),
    ...(await jobRows(client, place, count)),
    pandas: (await jobs(client, PANDAS.code, { policy: PANDAS.policy }, { count: Math.ceil(count / 4), gapMs: 25 }))
      .walls,
    embedded: await sample(() => runEmbedded(place), { count: quick ? 2 : 8, gapMs: 0 }),
  };
  console.log(`\nthe way of a request (${GAP_MS} ms between jobs; pandas 25 ms)`);
  const lines = Object.entries(TITLES).map(([name, title]) => {
    const { n, min, p50, p90, p99 } = summary(samples[name]);
    const founding = FOUNDING[name] === null ? 'not stated' : microseconds(FOUNDING[name]);
    return [title, founding, String(n), ...[min, p50, p90, p99].map(microseconds)];
  });
  console.log(table([['', 'founding', 'N', 'min', 'p50', 'p90', 'p99'], ...lines]));
  const share = summary(samples.admission).p50 / summary(samples.hello).p50;
  console.log(`admission is ${(100 * share).toFixed(0)} % of the whole hello`);
}

async function jobRows(client, place, count) {
  const options = { count, gapMs: GAP_MS };
  const policy = { policy: HELLO.policy };
  const mounts = ['input', 'output'].map((name) => ({
    host: join(place.root, name),
    sandbox: `/${name}`,
    ro: name === 'input',
  }));
  const hello = await jobs(client, HELLO.code, policy, options);
  const mounted = await jobs(client, HELLO.code, { ...policy, mounts, allowPaths: [place.root] }, options);
  const fed = await jobs(
    client,
    'import sys; len(sys.stdin.buffer.read())',
    { ...policy, stdin: Buffer.alloc(MIB, 120) },
    options,
  );
  const spilled = await jobs(client, `import sys; sys.stdout.write("x" * ${MIB})`, policy, options);
  const base = summary(hello.walls).p50;
  return {
    frame: frames(hello.last, count),
    admission: hello.timings.map(
      ({ total_us, pool_us, queue_us, attach_us, run_us, teardown_us }) =>
        total_us - pool_us - queue_us - attach_us - run_us - teardown_us,
    ),
    queue: hello.timings.map(({ queue_us }) => queue_us),
    attach: mounted.timings.map(({ attach_us }) => attach_us),
    payload: fed.walls.map((wall) => wall - base),
    run: hello.timings.map(({ run_us }) => run_us),
    output: spilled.walls.map((wall) => wall - base),
    teardown: hello.timings.map(({ teardown_us }) => teardown_us),
    hello: hello.walls,
  };
}

/** Runs one job again and again: what the client's clock says, and the daemon's `timing`. */
async function jobs(client, code, options, { count, gapMs }) {
  const timings = [];
  let last;
  const run = async () => {
    last = await client.runCode(code, options);
    if (last.status !== 'ok') throw new Error(`job ended as ${last.status}: ${last.stderr}`);
    timings.push(last.timing);
  };
  await run();
  timings.length = 0;
  return { walls: await sample(run, { count, gapMs }), timings, last };
}

async function connectAndPing(socket) {
  const client = await connect({ socket });
  await client.ping();
  await client.close();
}

/** In this process alone: the request's bytes made, the answer's cut from the stream and decoded. */
function frames(result, count) {
  const answer = encodeFrame({ type: 'Execute', id: 1, success: true, result });
  const once = () => {
    encodeFrame({ type: 'Execute', id: 1, code: HELLO.code, policy: HELLO.policy });
    for (const payload of new FrameReader().push(answer).payloads) decodePayload(payload);
  };
  for (let index = 0; index < 200; index++) once();
  return Array.from({ length: count }, () => {
    const started = performance.now();
    once();
    return (performance.now() - started) * 1000;
  });
}

/** From the shell's view: process start, policy, supervisor, interpreter, job, and the end of it all. */
function runEmbedded(place) {
  const args = [LEEWARD, 'exec', '--embedded', '-c', HELLO.code];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { env: place.environment, encoding: 'utf8' });
  if (status !== 0 || stdout !== 'hi\n') throw new Error(`leeward exec ended with ${status}: ${stderr}`);
}
