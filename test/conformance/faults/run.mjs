// `npm run faults`: the fault injector of native/test/faults, as a root service, as an ordinary user, and as one with subordinate
// ids, all at a time.
//   --matrix     a row for each site: see docs/internals/faults.md
//   --rotate     one of the first five errors for each site, in turn, besides all other faults
//   --shard I/N  of N sites that follow each other the I-th, from 0; without it all. today/N: another one each day
//   --jobs J     so many processes for each of the three, which share the sites; without it 2: most of the time is spent waiting
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const native = fileURLToPath(new URL('../../../native', import.meta.url));
const VARIANTS = ['service', 'rootless', 'subordinate'];
const DAY_MS = 24 * 60 * 60 * 1000;
const COUNTS = /^(\d+) passed, (\d+) failed, (\d+) skipped$/;

const { values: options } = readOptions();
const { index, count } = parseShard(options.shard);
const jobs = Number(options.jobs);
if (!Number.isInteger(jobs) || jobs < 1) usage(`--jobs ${options.jobs}: a number from 1`);

function readOptions() {
  try {
    return parseArgs({
      options: {
        matrix: { type: 'boolean', default: false },
        rotate: { type: 'boolean', default: false },
        shard: { type: 'string', default: '0/1' },
        jobs: { type: 'string', default: '2' },
      },
    });
  } catch (error) {
    return usage(error.message);
  }
}

function parseShard(text) {
  const [, shard, count] = /^(\d+|today)\/([1-9]\d*)$/.exec(text) ?? [];
  const index = shard === 'today' ? Math.floor(Date.now() / DAY_MS) % Number(count) : Number(shard);
  if (shard === undefined || index >= Number(count)) usage(`--shard ${text}: I/N with I from 0 to N - 1, or today`);
  if (shard === 'today') console.log(`# shard ${index}/${count}`);
  return { index, count: Number(count) };
}

function usage(message) {
  console.error(`faults: ${message}`);
  process.exit(2);
}

const built = spawnSync('make', ['--no-print-directory', 'faults'], { cwd: native, stdio: ['ignore', 2, 2] });
if (built.status !== 0) process.exit(1);

const said = new Set();

/** Runs one process's part of the shard; prints its lines with the variant's name, and keeps its counts for the sum. */
function runPart(variant, part) {
  const env = { ...process.env, LW_VARIANT: variant, LW_SHARD: `${index + count * part}/${count * jobs}` };
  if (options.matrix) env.LW_MATRIX = '1';
  if (options.rotate) env.LW_ROTATE = '1';
  return new Promise((resolve) => {
    const child = spawn(join(native, 'build/test/faults'), { cwd: native, env, stdio: ['ignore', 'pipe', 2] });
    const lines = [];
    let rest = '';
    child.stdout.on('data', (data) => {
      const parts = (rest + data).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) lines.push(line);
      for (const line of parts) print(line, variant);
    });
    child.on('error', (error) => console.error(`faults: ${error.message}`));
    child.on('close', (code, signal) => resolve({ variant, code, signal, counts: countsOf(lines) }));
  });
}

/** Not the counts, which are summed; and of what all processes skip alike, one. */
function print(line, variant) {
  if (COUNTS.test(line) || said.has(line)) return;
  if (line.startsWith('skip ')) said.add(line);
  console.log(line.replace(/^(not ok|#|\|) /, `$1 ${variant} `));
}

function countsOf(lines) {
  const counts = lines.map((line) => COUNTS.exec(line)).findLast((match) => match !== null);
  return counts?.slice(1).map(Number);
}

const parts = Array.from({ length: jobs }, (_, part) => part);
const ended = await Promise.all(VARIANTS.flatMap((variant) => parts.map((part) => runPart(variant, part))));
let [passed, failed, skipped] = [0, 0, 0];
for (const { variant, code, signal, counts } of ended) {
  passed += counts?.[0] ?? 0;
  failed += counts?.[1] ?? 0;
  skipped = Math.max(skipped, counts?.[2] ?? 0);
  // One that did not come to its end has failed, whatever it had counted.
  if (counts === undefined || (code !== 0 && counts[1] === 0)) {
    failed += 1;
    console.log(`not ok ${variant}: ended by ${signal ?? `exit code ${code}`}`);
  }
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 ? 1 : 0;
