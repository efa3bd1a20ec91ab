/** Clients that go: before a request, in one, while its job runs, and while its answer is written. */
import type { Socket } from 'node:net';
import { encodeFrame } from '../../../src/protocol/encode.js';
import { childrenOf, descriptorCount } from '../../harness/processes.js';
import { eventually } from '../../harness/wait.js';
import { type Attempt, daemonProbe, type Seen, type Target } from './daemon-probe.js';
import { clientProcess, rawClient } from './raw-client.js';
import { answers } from './target.js';

const [SETTLE_MS, TRUSTING_SETTLE_MS] = [10_000, 300];

const job = (more: object = {}) => {
  return encodeFrame({
    type: 'Execute',
    code: 'import time; time.sleep(60)',
    policy: 'python',
    timeout_secs: 55,
    ...more,
  });
};

async function running(target: Target): Promise<number> {
  return target.daemon === undefined ? childrenOf(target.pid).length : (await target.daemon.status()).jobs.running;
}

/** Clients that it still has, this one included. The trusting one does not know, but each is a descriptor. */
async function clientsOf(target: Target): Promise<number> {
  return target.daemon === undefined ? descriptorCount(target.pid) : ((await target.daemon.status()).connections ?? 0);
}

/** `leave` connects and goes; afterwards no job runs and no client is left. */
const leaving =
  (leave: (target: Target) => Promise<void>): Attempt =>
  async (target) => {
    const clients = await clientsOf(target);
    await leave(target);
    await answers(target); // what was left is heard by then
    return await settles(target, clients);
  };

async function settles(target: Target, clients: number): Promise<Seen> {
  const patience = target.daemon === undefined ? TRUSTING_SETTLE_MS : SETTLE_MS;
  const isClean = async () => (await running(target)) === 0 && (await clientsOf(target)) <= clients;
  const holds = await eventually('it is as before', patience, isClean).catch(() => false);
  const more = (await clientsOf(target)) - clients;
  return { holds, detail: `${await running(target)} jobs run, ${more} clients more` };
}

/** Sends bytes, waits until a job runs when there is one among them, and goes. */
const after = (bytes: Uint8Array, goes: (client: Socket) => void, runs = false): Attempt =>
  leaving(async (target) => {
    const client = await rawClient(target);
    if (bytes.length > 0) await new Promise((resolve) => client.write(bytes, resolve));
    if (runs) await eventually('the job runs', 20_000, async () => (await running(target)) > 0);
    goes(client);
  });

const destroys = (client: Socket): void => void client.destroy();
/** Only its own side: it could still read. */
const ends = (client: Socket): void => void client.end();

async function killed(target: Target): Promise<void> {
  const client = clientProcess(target);
  client.stdin.write(job());
  await eventually('the job runs', 20_000, async () => (await running(target)) > 0);
  const gone = new Promise((resolve) => client.once('close', resolve));
  client.kill('SIGKILL');
  await gone;
}

/** Reads the first of some megabytes. */
async function whileWritten(target: Target): Promise<void> {
  const client = await rawClient(target);
  client.write(job({ code: 'print("x" * (4 << 20))' }));
  client.write(job());
  await new Promise((resolve) => client.once('data', resolve));
  client.destroy();
}

const many = Buffer.concat(Array.from({ length: 100 }, (_, id) => job({ id })));

export const probe = daemonProbe({
  'after it has connected': after(new Uint8Array(), ends),
  'in the header': after(job().subarray(0, 2), ends),
  'after the header': after(job().subarray(0, 4), ends),
  'in the payload': after(job().subarray(0, 30), ends),
  'while its job runs': after(job(), destroys, true),
  'with its own side alone': after(job(), ends, true),
  'with an answer that it has not read': after(Buffer.concat([encodeFrame({ type: 'Ping' }), job()]), destroys, true),
  'with a hundred requests': after(many, destroys, true),
  'by SIGKILL': leaving(killed),
  'while its answer is written': leaving(whileWritten),
});
