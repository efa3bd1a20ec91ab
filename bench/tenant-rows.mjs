// Whose job runs next while tenants flood a daemon: shares of the places by weight, and how long one waits who asks for little.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { makePlace, startDaemon } from './daemon.mjs';
import { microseconds, summary, table } from './statistics.mjs';

const CLIENT = fileURLToPath(new URL('tenant-client.mjs', import.meta.url));
const PLACES = 4;
const JOB_MS = 20;
const CODE = `import time; time.sleep(${JOB_MS / 1000})`;
/** Ids that no host gives away. */
const TENANTS = [
  { name: 'heavy', uid: 12_601, weight: 2 },
  { name: 'light', uid: 12_602, weight: 1 },
  { name: 'quiet', uid: 12_603, weight: 1 },
];

/** Measures and prints; only root's daemon serves tenants with ids of their own. */
export async function tenantRows(quick) {
  if (process.getuid() !== 0) {
    console.log('\ntenants: not measured, it takes root to be several users');
    return;
  }
  const place = makePlace();
  addTenants(place);
  const daemon = await startDaemon(place, ['--max-jobs', String(PLACES), '--queue', '4000']);
  try {
    await rows(place, quick ? 60 : 1000);
  } finally {
    await daemon.stop();
    place.remove();
  }
}

function addTenants({ root }) {
  const folder = join(root, 'policies');
  mkdirSync(join(folder, 'tenants'));
  const mounts = ['input', 'output'].map(
    (name) => `  - {source: "/data/\${tenant}/\${job.id}/${name}", target: /${name}, readOnly: true, optional: true}`,
  );
  const policy = ['version: 1', 'kind: Policy', 'name: team', 'extends: [python]', 'mounts:', ...mounts];
  writeFileSync(join(folder, 'team.yaml'), `${policy.join('\n')}\nrequestMounts: {remove: [/data/jobs]}\n`);
  for (const { name, uid, weight } of TENANTS) {
    const head = `version: 1\nkind: Tenant\nname: ${name}\nidentities: {uids: [${uid}]}`;
    const rest = `policies: [team]\nceiling: team\nquota: {weight: ${weight}}`;
    writeFileSync(join(folder, 'tenants', `${name}.yaml`), `${head}\n${rest}\n`);
  }
}

async function rows(place, jobs) {
  const [heavy, light, quiet] = TENANTS;
  const [ofHeavy, ofLight] = await together(place, [
    [heavy, jobs, 0],
    [light, jobs, 0],
  ]);
  // As long as both wait: until the first of the two is done.
  const until = Math.min(last(ofHeavy), last(ofLight));
  const served = [ofHeavy, ofLight].map((ended) => ended.filter(({ at }) => at <= until).length);
  const [, ofQuiet] = await together(place, [
    [heavy, jobs, 0],
    [quiet, Math.max(10, jobs / 20), JOB_MS],
  ]);
  const afterLittle = await waitsAfterLittle(place, jobs);
  console.log(`\ntenants: ${PLACES} places, jobs of ${JOB_MS} ms, ${jobs} of each at once`);
  console.log(
    table([
      ['', 'weights', 'jobs while both waited', 'ratio'],
      ['two that flood', `${heavy.weight} : ${light.weight}`, served.join(' : '), (served[0] / served[1]).toFixed(2)],
    ]),
  );
  console.log(
    table([
      ['', 'N', 'p50', 'p90', 'p99', 'a place every'],
      [...waits('wait of one with a job at a time, beside a flood', ofQuiet), microseconds((JOB_MS * 1000) / PLACES)],
      [...waits('the same, the flood being of one who had little before', afterLittle), ''],
    ]),
  );
}

function waits(what, ended) {
  const { n, p50, p90, p99 } = summary(ended.map(({ queueUs }) => queueUs));
  return [what, String(n), ...[p50, p90, p99].map(microseconds)];
}

/** One tenant always has a job or two while another one floods; then it floods, and the other one has a job at a time. */
async function waitsAfterLittle(place, jobs) {
  const [heavy, light] = TENANTS;
  const little = together(place, [
    [light, jobs / 2, 1],
    [light, jobs / 2, 1],
  ]);
  await together(place, [[heavy, jobs, 0]]);
  const [, after] = await together(place, [
    [light, jobs, 0],
    [heavy, Math.max(10, jobs / 20), JOB_MS],
  ]);
  await little;
  return after;
}

/** Starts the clients of these tenants at the same time. Gives what each has printed. */
async function together(place, asked) {
  const clients = asked.map(([{ uid }, jobs, gapMs]) => {
    const args = [CLIENT, place.socket, 'team', CODE, String(jobs), String(gapMs)];
    return spawn(process.execPath, args, { uid, gid: uid, stdio: ['pipe', 'pipe', 'inherit'] });
  });
  const printed = clients.map((client) => Promise.all([text(client.stdout), once(client, 'exit')]));
  for (const client of clients) client.stdin.write('go');
  return (await Promise.all(printed)).map(([json, [status]]) => {
    if (status !== 0) throw new Error(`a client ended with ${status}`);
    return JSON.parse(json);
  });
}

function last(ended) {
  return Math.max(...ended.map(({ at }) => at));
}
