// The smallest harness that prints what native/test/run.sh counts: guests are too slow for a large one.
import { writeSync } from 'node:fs';

let failures = 0;

/** Runs one test. What it throws is its failure. */
export async function check(name, test) {
  try {
    await test();
    say(`ok ${name}`);
  } catch (error) {
    failures++;
    const [first, ...more] = String(error.message).trim().split('\n');
    say([`not ok ${name}: ${first}`, ...more.map((line) => `# ${line}`)].join('\n'));
  }
}

/** Ends the program. */
export function finish() {
  process.exit(failures === 0 ? 0 : 1);
}

/** How many times longer everything may take than on an ordinary host. */
const slowness = Math.max(1, Number(process.env['LEEWARD_TEST_SLOWNESS'] ?? 1));

/** Asks until the answer is true. @throws {Error} with `what` when that does not happen in time */
export async function eventually(what, seconds, ask) {
  const deadline = performance.now() + seconds * slowness * 1000;
  while (!(await ask())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${seconds * slowness} s`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

function say(text) {
  writeSync(1, `${text}\n`);
}
