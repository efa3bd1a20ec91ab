// `npm run faults`: the fault injector of native/test/faults, as a root service and as an ordinary user, both at a time.
//   --matrix  a row for each site: see docs/internals/faults.md
//   --rotate  one of the first five errors for each site, in turn, besides all other faults: what `npm test` runs
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const native = fileURLToPath(new URL('../../../native', import.meta.url));
const VARIANTS = ['service', 'rootless'];
const COUNTS = /^(\d+) passed, (\d+) failed, (\d+) skipped$/;

const flags = new Set(process.argv.slice(2));
for (const flag of flags) {
  if (flag === '--matrix' || flag === '--rotate') continue;
  console.error(`faults: unknown option ${flag}: there are --matrix and --rotate`);
  process.exit(2);
}

const built = spawnSync('make', ['--no-print-directory', 'faults'], { cwd: native, stdio: ['ignore', 2, 2] });
if (built.status !== 0) process.exit(1);

/** Prints the lines of one variant with its name; its counts are kept for the sum. */
function runVariant(variant) {
  const env = { ...process.env, LW_VARIANT: variant };
  if (flags.has('--matrix')) env.LW_MATRIX = '1';
  if (flags.has('--rotate')) env.LW_ROTATE = '1';
  return new Promise((resolve) => {
    const child = spawn(join(native, 'build/test/faults'), { cwd: native, env, stdio: ['ignore', 'pipe', 2] });
    const lines = [];
    let rest = '';
    child.stdout.on('data', (data) => {
      const parts = (rest + data).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) lines.push(line);
      for (const line of parts) if (!COUNTS.test(line)) console.log(line.replace(/^(not ok|#|\|) /, `$1 ${variant} `));
    });
    child.on('error', (error) => console.error(`faults: ${error.message}`));
    child.on('close', (code, signal) => resolve({ variant, code, signal, counts: countsOf(lines) }));
  });
}

function countsOf(lines) {
  const counts = lines.map((line) => COUNTS.exec(line)).findLast((match) => match !== null);
  return counts?.slice(1).map(Number);
}

const ended = await Promise.all(VARIANTS.map(runVariant));
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
