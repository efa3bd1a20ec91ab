// Jobs through the socket beside the floors.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand, WarmInterpreter } from './floors.mjs';
import { sampleInTurns } from './measure.mjs';
import { sharingPolicy } from './policies.mjs';
import { microseconds, summary, table } from './statistics.mjs';

const ROUNDS = 4;
const SANDBOXED = 'leeward, through the socket';
const SHARING = 'the same, 100 jobs in a process';
const REUSED = 'reused interpreter, pipe';
const FORKED = 'bare fork of a warm one, pipe';
const COMMAND = 'python3 -c';

/**
 * Measures one workload at each of its gaps and prints a table for each.
 *
 * @param {object} workload of workloads.mjs
 * @param {object} client connected
 * @param {{built: string}} place where built runtimes are
 */
export async function compare(workload, client, place, quick) {
  const { jobs, commands } = quick ? workload.quick : workload.full;
  const python = interpreterOf(workload.policy, place.built);
  const reused = new WarmInterpreter(python, 'reuse', workload.setup, workload.environment);
  const forked = new WarmInterpreter(python, 'fork', workload.setup, workload.environment);
  const expected = runCommand(python, workload.standalone, workload.environment);
  const checked = (answer) => {
    if (answer !== expected) throw new Error(`${workload.name}: printed ${JSON.stringify(answer)}`);
  };
  const variants = [
    { name: SANDBOXED, count: jobs, run: async () => checked(await runSandboxed(client, workload)) },
    { name: SHARING, count: jobs, run: async () => checked(await runSandboxed(client, sharing(workload))) },
    { name: REUSED, count: jobs, run: async () => checked(await reused.run(workload.code)) },
    { name: FORKED, count: jobs, run: async () => checked(await forked.run(workload.code)) },
    {
      name: COMMAND,
      count: commands,
      run: () => checked(runCommand(python, workload.standalone, workload.environment)),
    },
  ];
  try {
    for (const gapMs of workload.gaps) {
      print(workload.name, gapMs, await sampleInTurns(variants, { gapMs, rounds: quick ? 1 : ROUNDS }));
    }
  } finally {
    await Promise.all([reused.close(), forked.close()]);
  }
}

async function runSandboxed(client, { code, policy }) {
  const { stdout, status, stderr } = await client.runCode(code, { policy });
  if (status !== 'ok') throw new Error(`job ended as ${status}: ${stderr}`);
  return stdout;
}

function sharing(workload) {
  return { ...workload, policy: sharingPolicy(workload.policy).name };
}

/** The Python of the policy's runtime: that of the host, or the built environment's. */
function interpreterOf(policy, built) {
  if (policy === 'python') return '/usr/bin/python3';
  const folder = readdirSync(built).find((name) => name.startsWith(`${policy}-`));
  return join(built, folder, 'bin/python3');
}

function print(name, gapMs, samples) {
  const gap = gapMs === 0 ? 'back to back' : `${gapMs} ms between jobs`;
  console.log(`\n${name}, ${gap}`);
  const summaries = new Map([...samples].map(([variant, values]) => [variant, summary(values)]));
  const ratio = (value, floor) => `${(value / summaries.get(floor).p50).toFixed(2)}x`;
  const rows = [...summaries].map(([variant, { n, min, p50, p90, p99 }]) => [
    variant,
    String(n),
    ...[min, p50, p90, p99].map(microseconds),
    ...[REUSED, FORKED, COMMAND].map((floor) => ratio(p50, floor)),
  ]);
  console.log(table([['', 'N', 'min', 'p50', 'p90', 'p99', 'p50/reused', 'p50/fork', 'p50/python3 -c'], ...rows]));
}
