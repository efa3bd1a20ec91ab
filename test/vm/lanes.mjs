// `npm run test:vm`: the same program on other kernels, two guests at a time. `--lane A,B` chooses, `--list` lists,
// `--all` adds the kernels that the mirror may have dropped. The last line has the counts.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parsePrintedCounts, summaryLine } from '../../scripts/test-counts.mjs';
import { kernelNamed } from './kernels.mjs';
import { startGuest } from './run.mjs';
import { setUp, whyNoGuests } from './setup.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Of the cases of supervisor_test, those in which control groups matter; all of them take minutes more. */
const CONTROL_GROUP_CASES =
  'receipt,oom,memory,limit,figures,mounts of a reused,second supervisor,daemon death,supervisor death,termination';

/** Of native/test, those that ask something of the kernel's Landlock. */
const LANDLOCK_PROGRAMS = ['appliers_test', 'pool_smoke_test'];

/**
 * What runs where: user-mode-linux has no Landlock but nearly the host's speed, so it gets the control groups, with the long
 * supervisor test; emulation is slow, so it gets Landlock alone.
 */
const LANES = [
  {
    name: 'uml',
    what: 'cgroup v2 with its controllers, no Landlock',
    landlockAbi: 0,
    programs: ['cgroup_test', 'supervisor_test'],
    checks: ['control-groups.mjs', 'landlock.mjs', 'doctor.mjs'],
    environment: { LW_VARIANT: 'service,delegated', LW_ONLY: CONTROL_GROUP_CASES },
  },
  ...[
    { name: '6.1', landlockAbi: 2, optional: false },
    {
      name: '6.12',
      landlockAbi: 6,
      optional: false,
      // The first kernel whose control groups v2 count a memory peak anew, for the jobs of a process that runs several.
      programs: [...LANDLOCK_PROGRAMS, 'supervisor_test'],
      environment: { LW_VARIANT: 'service', LW_ONLY: 'figures' },
    },
    { name: '6.16', landlockAbi: 7, optional: true },
    { name: '7.3', landlockAbi: 11, optional: true },
  ].map((lane) => ({
    what: `Landlock ABI ${lane.landlockAbi}`,
    programs: LANDLOCK_PROGRAMS,
    ...lane,
    checks: ['landlock.mjs'],
  })),
];

/** How many times longer everything may take in a guest. */
const SLOWNESS = 10;

/** A lane takes one to five minutes of a quiet host. */
const LANE_SECONDS = 1200;

/** A guest is busy with little more than one processor. */
const AT_ONCE = Math.min(2, availableParallelism());

function chosenLanes() {
  const { values } = parseArgs({
    options: { lane: { type: 'string' }, list: { type: 'boolean' }, all: { type: 'boolean' } },
  });
  const names = values.lane?.split(',') ?? LANES.filter((lane) => values.all || !lane.optional).map(({ name }) => name);
  const unknown = names.filter((name) => !LANES.some((lane) => lane.name === name));
  if (unknown.length > 0) throw new Error(`no lane ${unknown.join(', ')}: see --list`);
  return { list: values.list, lanes: LANES.filter(({ name }) => names.includes(name)) };
}

/** Fetches the kernel; the reason when that cannot be. */
function prepare(lane) {
  try {
    setUp([kernelNamed(lane.name)]);
    return undefined;
  } catch (error) {
    return error.message.replaceAll('\n', ' ');
  }
}

/** Runs a lane's guest. @returns {Promise<{output: string, code: number}>} */
function runLane(lane) {
  const programs = lane.programs.map((name) => `build/test/${name}`);
  const checks = lane.checks.map((name) => `../test/vm/checks/${name}`);
  const child = startGuest(
    {
      kernel: lane.name,
      directory: `${root}native`,
      argv: ['sh', 'test/run.sh', ...programs, ...checks],
      environment: {
        LW_BUILD: 'build',
        LEEWARD_TEST_SLOWNESS: String(SLOWNESS),
        LEEWARD_TEST_SCRATCH: '/mnt/scratch',
        LEEWARD_TEST_KERNEL_ABI: String(lane.landlockAbi),
        TMPDIR: '/mnt/scratch/tmp',
        ...lane.environment,
      },
      timeout: LANE_SECONDS,
    },
    ['ignore', 'pipe', 'pipe'],
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  return new Promise((resolve) => child.on('close', (code) => resolve({ output, code: code ?? 125 })));
}

/** One lane's counts: its tests under its own name, or itself as a skip or a failure. Its output is shown in one piece. */
async function resultOf(lane, skip) {
  if (skip !== undefined)
    return {
      counts: { passed: 0, failed: 0, failures: [], skipped: [{ name: `lane ${lane.name}`, reason: skip }] },
      problems: [],
    };
  const started = performance.now();
  console.log(`# lane ${lane.name} starts: ${lane.what}`);
  const { output, code } = await runLane(lane);
  console.log(`${output}# lane ${lane.name}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  const counts = parsePrintedCounts(output);
  const skipped = counts.skipped.map((entry) => ({ ...entry, name: `lane ${lane.name}: ${entry.name}` }));
  const failures = counts.failures.map((text) => `lane ${lane.name}: ${text}`);
  const lost = code !== 0 && counts.failed === 0;
  return {
    counts: { ...counts, failures, skipped },
    problems: lost ? [`lane ${lane.name} ended with exit code ${code}`] : [],
  };
}

/** The results in the order of the lanes; of those that are left the next one starts when one ends. */
async function resultsOf(lanes, reason) {
  const results = [];
  const left = lanes.map((lane, index) => ({ lane, index, skip: reason ?? prepare(lane) }));
  const goThrough = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift())
      results[next.index] = await resultOf(next.lane, next.skip);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, goThrough));
  return results;
}

function buildTests() {
  const programs = [...new Set(LANES.flatMap((lane) => lane.programs))].map((name) => `build/test/${name}`);
  const made = spawnSync('make', ['-C', 'native', '--no-print-directory', 'all', 'plain-worker', ...programs], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (made.status !== 0) throw new Error('the native tests do not build');
}

async function main() {
  const { list, lanes } = chosenLanes();
  if (list) {
    for (const { name, what, optional } of LANES)
      console.log(`${name.padEnd(6)} ${what}${optional ? ' (with --all)' : ''}`);
    return 0;
  }
  const reason = whyNoGuests();
  if (reason === undefined) buildTests();
  const results = await resultsOf(lanes, reason);
  const { line } = report(results);
  console.log(line);
  return results.every(({ counts, problems }) => counts.failed + problems.length === 0) ? 0 : 1;
}

/** Prints what was skipped and why, and leaves the counts where `npm test` looks for them. */
function report(results) {
  for (const { name, reason } of results.flatMap(({ counts }) => counts.skipped))
    console.log(`skip ${name}: ${reason}`);
  for (const problem of results.flatMap(({ problems }) => problems)) console.log(`failed: ${problem}`);
  const sum = (key) => results.reduce((total, { counts }) => total + counts[key], 0);
  const failures = results.flatMap(({ counts, problems }) => [...counts.failures, ...problems]);
  const failed = sum('failed') + results.flatMap(({ problems }) => problems).length;
  const skipped = results.flatMap(({ counts }) => counts.skipped);
  const file = process.env['LEEWARD_TEST_COUNTS'];
  if (file !== undefined) writeFileSync(file, JSON.stringify({ passed: sum('passed'), failed, failures, skipped }));
  return summaryLine(results);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`vm lanes: ${error.message}`);
  process.exitCode = 1;
}
