// One user of a tenant: sends jobs over connections of its own and prints, for each, when it was answered and how long it waited for a place.
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../dist/client/connect.js';

const PER_CONNECTION = 64;

const [socket, policy, code, count, gapMs] = process.argv.slice(2);
const ended = [];

async function job(client) {
  const answer = await client.execute({ code, policy });
  if (!answer.success) throw new Error(JSON.stringify(answer.error));
  ended.push({ at: performance.timeOrigin + performance.now(), queueUs: answer.result.timing.queue_us });
}

async function flood() {
  const clients = await Promise.all(
    Array.from({ length: Math.ceil(count / PER_CONNECTION) }, () => connect({ socket })),
  );
  await Promise.all(Array.from({ length: Number(count) }, (_, index) => job(clients[index % clients.length])));
  await Promise.all(clients.map((client) => client.close()));
}

async function oneByOne() {
  const client = await connect({ socket });
  for (let index = 0; index < count; index++) {
    await job(client);
    await sleep(Number(gapMs));
  }
  await client.close();
}

// Each is there before the first one begins.
await new Promise((resolve) => process.stdin.once('data', resolve));
await (Number(gapMs) > 0 ? oneByOne() : flood());
process.stdin.destroy();
process.stdout.write(JSON.stringify(ended));
