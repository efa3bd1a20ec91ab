// `npm run quickstart`: from a fresh clone to a real pandas job in a sandbox, through the socket and through the command
// line. Only builtin modules: it runs before node_modules exists. A second run does nothing twice.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
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
function run(command, args, { env = {}, capture = false } = {}) {
  console.log(`  $ ${[command, ...args].map(quoted).join(' ').replaceAll(root, '')}`);
  const started = performance.now();
  const { status, signal, error, stdout } = spawnSync(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', capture ? 'pipe' : 'inherit', 'inherit'],
    encoding: 'utf8',
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${quoted(command)} ended with ${signal ?? status}`);
  return { stdout, ms: performance.now() - started };
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

function policySteps() {
  begin('checks and compiles the policy python-data');
  run(leeward, ['policy', 'lint', 'policies/python-data.yaml']);
  run(leeward, ['policy', 'compile', 'python-data']);

  begin('builds the Python runtime that the policy names');
  run(leeward, ['runtime', 'build', 'python-data']);
  const { stdout } = run(leeward, ['runtime', 'list', '--json'], { capture: true });
  const runtime = JSON.parse(stdout).runtimes.find(({ name }) => name === 'python-data');
  return join(runtime.directory, 'bin/python3');
}

function inputStep(python, folder) {
  begin(`makes the founding job's input in ${folder}/input`);
  run(python, ['-I', join(example, 'make_input.py'), join(folder, 'input')]);
  // What the job wrote in an earlier run must not be taken for this one's.
  rmSync(join(folder, 'output'), { recursive: true, force: true });
  mkdirSync(join(folder, 'output'), { recursive: true });
}

/** Starts the daemon on a socket of its own and waits for the line that says it is ready. */
function startDaemon(socket) {
  const child = spawn(leeward, ['daemon', '--socket', socket], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
  const ready = new Promise((resolve, reject) => {
    child.stdout.once('data', (text) => resolve(String(text).trim()));
    child.once('error', reject);
    ended.then((how) => reject(new Error(`leeward daemon ended with ${how}`)));
  });
  return { child, ended, ready };
}

async function withDaemon(work) {
  const directory = mkdtempSync(join(tmpdir(), 'leeward-quickstart-'));
  chmodSync(directory, 0o700);
  const daemon = startDaemon(join(directory, 'leeward.sock'));
  try {
    console.log(`  ${await daemon.ready}`);
    await work(join(directory, 'leeward.sock'));
  } finally {
    daemon.child.kill('SIGTERM');
    await daemon.ended;
    rmSync(directory, { recursive: true, force: true });
  }
  const how = await daemon.ended;
  if (how !== 0) throw new Error(`leeward daemon ended with ${how}`);
}

function clientStep(python, folder, socket) {
  begin('sends the founding request from Python, through the socket');
  const allow = isRoot ? [] : ['--allow-path', folder];
  run(python, [join(example, 'client.py'), join(folder, 'input'), join(folder, 'output'), ...allow], {
    env: { LEEWARD_SOCKET: socket, PYTHONPATH: join(root, 'bindings/python'), PYTHONDONTWRITEBYTECODE: '1' },
  });
}

function commandStep(folder, socket) {
  begin('runs the same code by command');
  const mounts = ['--input', join(folder, 'input'), '--output', join(folder, 'output')];
  const args = ['exec', '--policy', 'python-data', ...mounts, ...(isRoot ? [] : ['--allow-path', folder])];
  const job = join(example, 'job.py');
  for (const [name, extra, env] of [
    ['through the daemon', [], { LEEWARD_SOCKET: socket }],
    ['without a daemon (embedded: the interpreter starts and imports pandas first)', ['--embedded'], {}],
  ]) {
    const { ms } = run(leeward, [...args, ...extra, job], { env });
    console.log(`  ${name}: the whole command took ${ms.toFixed(0)} ms`);
  }
}

async function main() {
  const started = performance.now();
  begin('prepares: system packages, dependencies, build');
  prepare(root);
  buildIfStale(root);
  const python = policySteps();
  const folder = jobFolder();
  inputStep(python, folder);
  begin('starts the daemon');
  await withDaemon(async (socket) => {
    clientStep(python, folder, socket);
    commandStep(folder, socket);
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
