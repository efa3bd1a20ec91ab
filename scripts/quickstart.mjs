// `npm run quickstart`: from a fresh clone to a real pandas job in a sandbox, through the socket and through the command
// line. Only builtin modules: it runs before node_modules exists. A second run does nothing twice.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfStale } from './compile.mjs';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const isRoot = process.getuid() === 0;
const leeward = join(root, 'bin/leeward');
const example = join(root, 'examples/founding-job');
const STEPS = 7;

let step = 0;
function begin(title) {
  step += 1;
  console.log(`\n[${step}/${STEPS}] ${title}`);
}

/** Runs a command, shows it, and fails with it. Its output goes to ours unless it is wanted. */
async function run(command, args, { env = {}, capture = false } = {}) {
  console.log(`  $ ${[command, ...args].map(quoted).join(' ').replaceAll(root, '')}`);
  const started = performance.now();
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', capture ? 'pipe' : 'inherit', 'inherit'],
  });
  let stdout = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  const [code, signal] = await once(child, 'close');
  const ms = performance.now() - started;
  if (code !== 0) throw new Error(`${quoted(command)} ended with ${signal ?? code}`);
  return { stdout, ms };
}

function quoted(word) {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Where the founding job has its files: the founding path for root, a folder of his own for anybody else. */
function jobFolder() {
  if (isRoot) return '/data/jobs/abc';
  const state =
    process.env.LEEWARD_STATE_DIR ?? join(process.env.XDG_STATE_HOME ?? join(homedir(), '.local/state'), 'leeward');
  return join(state, 'quickstart/jobs/abc');
}

async function policySteps() {
  begin('checks and compiles the policy python-data');
  await run(leeward, ['policy', 'lint', 'policies/python-data.yaml']);
  const compiled = await run(leeward, ['policy', 'compile', '--json', 'python-data'], { capture: true });
  const { plan } = JSON.parse(compiled.stdout);
  const counts = `${plan.filter.length} seccomp instructions, ${plan.landlock.rules.length} Landlock rules, ${plan.mounts.length} mounts`;
  console.log(`  plan sha256:${plan.digest}\n  ${counts}`);

  begin('builds the Python runtime that the policy names');
  await run(leeward, ['runtime', 'build', 'python-data']);
  const { stdout } = await run(leeward, ['runtime', 'list', '--json'], { capture: true });
  const runtime = JSON.parse(stdout).runtimes.find(({ name }) => name === 'python-data');
  return join(runtime.directory, 'bin/python3');
}

async function inputStep(python, folder) {
  begin(`makes the founding job's input in ${folder}/input`);
  await run(python, ['-I', join(example, 'make_input.py'), join(folder, 'input')]);
  // What the job wrote in an earlier run must not be taken for this one's.
  rmSync(join(folder, 'output'), { recursive: true, force: true });
  mkdirSync(join(folder, 'output'), { recursive: true });
}

/** Starts the daemon on a socket of its own and waits for the line that says it is ready. */
async function startDaemon(socket) {
  const args = ['daemon', '--socket', socket, '--metrics-port', '0', '--log-level', 'warn'];
  // A control group of its own: a daemon that serves this host already is not to be disturbed.
  const env = { ...process.env, LEEWARD_CGROUP: 'leeward-quickstart' };
  const child = spawn(leeward, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit').then(([code, signal]) => signal ?? code);
  const [ready] = await Promise.race([once(child.stdout, 'data'), ended.then(() => [])]);
  if (ready === undefined) throw new Error(`leeward daemon ended with ${await ended}`);
  console.log(`  ${String(ready).trim()}`);
  return { child, ended };
}

/** Stops the daemon also when this script is told to stop. */
async function withDaemon(work) {
  const directory = mkdtempSync(join(tmpdir(), 'leeward-quickstart-'));
  try {
    const socket = join(directory, 'leeward.sock');
    const { child, ended } = await startDaemon(socket);
    const stop = () => child.kill('SIGTERM');
    process.on('SIGTERM', stop).on('SIGINT', stop);
    try {
      await work(socket);
    } finally {
      stop();
      await ended;
    }
    if ((await ended) !== 0) throw new Error(`leeward daemon ended with ${await ended}`);
    console.log('\nthe daemon has stopped');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function clientStep(python, folder, socket) {
  begin('sends the founding request from Python, through the socket');
  const allow = isRoot ? [] : ['--allow-path', folder];
  await run(python, [join(example, 'client.py'), join(folder, 'input'), join(folder, 'output'), ...allow], {
    env: { LEEWARD_SOCKET: socket, PYTHONPATH: join(root, 'bindings/python'), PYTHONDONTWRITEBYTECODE: '1' },
  });
}

async function commandStep(folder, socket) {
  begin('runs the same code by command');
  const mounts = ['--input', join(folder, 'input'), '--output', join(folder, 'output')];
  const args = ['exec', '--policy', 'python-data', ...mounts, ...(isRoot ? [] : ['--allow-path', folder])];
  const job = join(example, 'job.py');
  for (const [name, extra, env] of [
    ['through the daemon', [], { LEEWARD_SOCKET: socket }],
    ['without a daemon (embedded: the interpreter starts and imports pandas first)', ['--embedded'], {}],
  ]) {
    const { ms } = await run(leeward, [...args, ...extra, job], { env });
    console.log(`  ${name}: the whole command took ${ms.toFixed(0)} ms`);
  }
}

async function main() {
  const started = performance.now();
  begin('prepares: system packages, dependencies, build');
  prepare(root);
  buildIfStale(root);
  const python = await policySteps();
  const folder = jobFolder();
  await inputStep(python, folder);
  begin('starts the daemon');
  await withDaemon(async (socket) => {
    await clientStep(python, folder, socket);
    await commandStep(folder, socket);
  });
  console.log(
    `\ndone in ${((performance.now() - started) / 1000).toFixed(1)} s. Next: bin/leeward exec -c 'print("hi")'`,
  );
}

try {
  await main();
} catch (error) {
  console.error(`quickstart: step ${step} failed: ${error.message}`);
  process.exitCode = 1;
}
