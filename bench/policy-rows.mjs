// The rows of the policy language: from text to a proven plan. No daemon and no sandbox; the same functions that the daemon calls.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parseDocument } from 'yaml';
import { DEFAULT_COMPILE_THREADS } from '../dist/daemon/config/options.js';
import { daemonPaths, processFacts } from '../dist/daemon/config/paths.js';
import { CompilerPool } from '../dist/daemon/policies/compiling/compiler-pool.js';
import { FrozenFolders } from '../dist/daemon/policies/frozen-folders.js';
import { hostFacts } from '../dist/daemon/policies/host-facts.js';
import { librariesOf, liveFolders } from '../dist/daemon/policies/open-library.js';
import { ARCHES } from '../dist/kernel/types.js';
import {
  builtinPath,
  compilePolicy,
  parsePolicy,
  parseRuntime,
  provePlan,
  resolvePolicy,
} from '../dist/policy/index.js';
import { microseconds, summary, table } from './statistics.mjs';

const ROOT = new URL('..', import.meta.url);
const SHIPPED = ['strict', 'python', 'python-data', 'python-ml'];
const LARGEST = 'python-data';
const TENANTS = 500;
/** As many as an operator has kinds of tenants. */
const FILTERS = 20;
const MIB = 1 << 20;
/** As many rounds as the functions need to be compiled, and the first samples to be those of a daemon that has run for a while. */
const WARM_UP = 60;

/** Measures and prints. @param {boolean} quick few samples */
export async function policyRows(quick) {
  printFilters();
  printPasses(quick ? 10 : 200);
  const count = quick ? TENANTS / 10 : TENANTS;
  await printTenants(count, 'no system calls of their own', () => []);
  await printTenants(count, `one of ${FILTERS} filters each`, (index) =>
    ownSyscalls(count * Math.floor(index / count) + (index % FILTERS)),
  );
  await printTenants(count, 'a filter that no other has', ownSyscalls);
}

function ownPolicy(name, lines) {
  return ['version: 1', 'kind: Policy', `name: ${name}`, `extends: [builtin:${LARGEST}@1]`, ...lines];
}

/** @param {number} value different for each filter */
function ownSyscalls(value) {
  return ['syscalls:', '  allow:', `    - {syscall: setpriority, args: {which: PRIO_PROCESS, who: ${value}}}`];
}

/** Files as a daemon reads them: each once while its text stays the same. */
class Files {
  #read = new Map();

  source = (file) => {
    const known = this.#read.get(file);
    if (known !== undefined) return known;
    const source = { file, text: readFileSync(new URL(file, ROOT), 'utf8') };
    this.#read.set(file, source);
    return source;
  };

  /** What `extends` names. */
  extended = (reference) => this.source(builtinPath(reference));
}

function factsOf(arch) {
  // Places of which the compiler only asks whether they are there.
  const root = ROOT.pathname;
  return hostFacts({ arch, landlockAbi: 7, privileged: true, workerDirectory: `${root}native/build` }, `${root}dist`);
}

function runtimeOf({ runtime }) {
  return ended(parseRuntime(new Files().source(`policies/runtimes/${runtime.value}.yaml`)));
}

/** @throws when the pass has findings that forbid to go on */
function ended({ value, diagnostics }) {
  if (value === undefined) throw new Error(diagnostics.map(({ file, message }) => `${file}: ${message}`).join('\n'));
  return value;
}

function printFilters() {
  const rows = SHIPPED.flatMap((name) =>
    ARCHES.map((arch) => {
      const files = new Files();
      const policy = ended(resolvePolicy(files.source(`policies/${name}.yaml`), files.extended));
      const { plan } = ended(compilePolicy(policy, runtimeOf(policy), factsOf(arch)));
      const { instructions, longestPath, paths, cacheable, nodes } = ended(provePlan(plan, policy));
      return [`${name}, ${arch}`, ...[instructions, longestPath, paths, cacheable, nodes].map(String)];
    }),
  );
  console.log('\nthe filters of the shipped policies');
  console.log(table([['', 'instructions', 'longest path', 'paths', 'answered from the cache', 'nodes'], ...rows]));
}

/** Files that no pass has seen yet, each time. The floor is what the YAML library takes for the same texts. */
function printPasses(count) {
  const samples = { floor: [], parse: [], resolve: [], compile: [], prove: [], all: [] };
  const facts = factsOf('x86_64');
  for (let index = -WARM_UP; index < count; index++) {
    const taken = passes(facts, index + WARM_UP);
    if (index >= 0) for (const [name, value] of Object.entries(taken)) samples[name].push(value);
  }
  const titles = {
    floor: 'floor: the YAML library alone, same texts',
    parse: 'YAML and schema',
    resolve: 'resolve what is extended',
    compile: 'compile',
    prove: 'prove, most of its diagrams known from the rounds before',
    all: 'text to proven plan',
  };
  const floor = summary(samples.floor).p50;
  const rows = Object.entries(titles).map(([name, title]) => {
    const { n, min, p50, p90, p99 } = summary(samples[name]);
    return [title, String(n), ...[min, p50, p90, p99].map(microseconds), `${(p50 / floor).toFixed(2)}x`];
  });
  console.log(`\na policy with a filter of its own, ${LARGEST} and all that it extends, x86_64`);
  console.log(table([['', 'N', 'min', 'p50', 'p90', 'p99', 'p50/floor'], ...rows]));
}

/** Microseconds of each pass. @param {number} index different each time, for a filter that is not known yet */
function passes(facts, index) {
  const files = new Files();
  const own = { file: 'own.yaml', text: `${ownPolicy('own', ownSyscalls(index)).join('\n')}\n` };
  const sources = ended(resolvePolicy(own, files.extended)).files.map(({ file, text }) => ({ file, text }));
  const fresh = new Map(sources.map((source) => [source.file, source]));
  const runtime = parseRuntime(files.source(`policies/runtimes/${LARGEST}.yaml`)).value;
  const clock = [performance.now()];
  const mark = () => clock.push(performance.now());
  for (const { text } of sources) parseDocument(text);
  mark();
  for (const source of sources) ended(parsePolicy(source));
  mark();
  const policy = ended(resolvePolicy(fresh.get(own.file), (reference) => fresh.get(builtinPath(reference))));
  mark();
  const { plan } = ended(compilePolicy(policy, runtime, facts));
  mark();
  ended(provePlan(plan, policy));
  mark();
  const [floor, parse, resolve, compile, prove] = clock.slice(1).map((end, index) => (end - clock[index]) * 1000);
  return { floor, parse, resolve, compile, prove, all: parse + resolve + compile + prove };
}

/**
 * Many policies that extend one, loaded from their files as a daemon loads them when they change: what each adds, in time and in memory
 * that stays, and how long requests would have waited meanwhile. First by a thread that knows nothing yet, then by the same one when all
 * of them have changed.
 */
async function printTenants(count, title, syscalls) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const names = Array.from({ length: count }, (_, index) => `tenant-${index}`);
  const directory = tenantFolder();
  writeTenants(directory, names, syscalls, 0);
  const compilers = new CompilerPool({ threads: DEFAULT_COMPILE_THREADS });
  const paths = daemonPaths({ policyDirectories: [directory], stateDirectory: directory }, processFacts());
  const libraries = librariesOf(paths, true, () => ({ landlockAbi: 7, privileged: true }), compilers);
  const load = async () => {
    // As a daemon does while it starts.
    compilers.warm();
    const folders = await FrozenFolders.read(paths.policyDirectories, liveFolders());
    await compilers.survey(folders);
    const library = libraries(folders);
    return Promise.all(names.map((name) => library.compile(name)));
  };
  const first = await measured(load, collect);
  writeTenants(directory, names, syscalls, count);
  const again = await measured(load, collect);
  compilers.close();
  rmSync(directory, { recursive: true });
  const threads = `${DEFAULT_COMPILE_THREADS} compiler thread${DEFAULT_COMPILE_THREADS === 1 ? '' : 's'}`;
  console.log(`\n${count} policies that extend ${LARGEST}, loaded at once by ${threads}: ${title}`);
  console.log(
    table([
      ['', 'a new daemon', 'later'],
      ['files to proven plans', microseconds(first.elapsed), microseconds(again.elapsed)],
      ['each', microseconds(first.elapsed / count), microseconds(again.elapsed / count)],
      ['heap that stays, each', ...[first, again].map(({ heap }) => `${((heap * 1024) / count).toFixed(0)} KiB`)],
      [
        'resident while it lasts, threads included',
        ...[first, again].map(({ resident }) => `${resident.toFixed(0)} MiB`),
      ],
      ['longest stall of the event loop', ...[first, again].map(({ stall }) => microseconds(stall))],
    ]),
  );
}

/** Microseconds and MiB. What `load` returns is held until the heap was looked at. */
async function measured(load, collect) {
  collect();
  const before = process.memoryUsage();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const started = performance.now();
  const kept = await load();
  const elapsed = (performance.now() - started) * 1000;
  delay.disable();
  const resident = (process.memoryUsage().rss - before.rss) / MIB;
  collect();
  const heap = (process.memoryUsage().heapUsed - before.heapUsed) / MIB;
  if (kept.length === 0) throw new Error('nothing was loaded');
  return { elapsed, resident, heap, stall: delay.max / 1000 };
}

/** @returns a folder for policies, with a runtime that needs not be built */
function tenantFolder() {
  const directory = mkdtempSync(join(tmpdir(), 'leeward-bench-'));
  mkdirSync(join(directory, 'runtimes'));
  writeLines(join(directory, 'runtimes', 'bench.yaml'), ['version: 1', 'kind: Runtime', 'name: bench']);
  return directory;
}

/** @param {number} first by which texts, and filters of their own, differ from those that were written before */
function writeTenants(directory, names, syscalls, first) {
  names.forEach((name, index) => {
    writeLines(join(directory, `${name}.yaml`), [
      ...ownPolicy(name, syscalls(first + index)),
      'runtime: bench',
      `limits: {memory: ${256 + index}MiB, timeout: ${10 + (index % 50)}s}`,
      `environment: {TENANT: "${first + index}"}`,
    ]);
  });
}

function writeLines(path, lines) {
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o644 });
}
