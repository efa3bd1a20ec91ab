// `npm test`: from a fresh clone to one line of counts. Only builtin modules: it starts before node_modules exists.
// With --limits each group of parts must end within its time (.ci/run).
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runPart } from './run-part.mjs';
import { parsePrintedCounts, problemsOf, summaryLine } from './test-counts.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const node = process.execPath;
const typescript = [node, '--import', './scripts/typescript-loader.mjs'];
// The config loader `runner` writes no file beside the config: tests also run in a checkout that belongs to someone else.
const vitest = (project) => [
  ...[node, 'node_modules/vitest/vitest.mjs', 'run', '--configLoader', 'runner', '--project', project],
  ...['--reporter=default', '--reporter=./scripts/vitest-counts.mjs'],
];

// `counts` says how the part's tests are counted: from its output, or from a file that it writes. Those without count only when
// they fail.
const PARTS = [
  { name: 'bootstrap', group: 'install', argv: [node, 'scripts/bootstrap.mjs'] },
  { name: 'packages', group: 'install', argv: [node, 'scripts/test-packages.mjs'] },
  { name: 'promtool', group: 'install', argv: [...typescript, 'test/metrics/fetch-promtool.mjs'] },
  { name: 'runtimes', group: 'install', argv: [...typescript, 'test/harness/prepare-runtimes.ts'] },
  { name: 'kernels', group: 'install', argv: [node, 'test/vm/setup.mjs', '--if-possible'] },
  { name: 'lint', group: 'check', argv: [node, 'scripts/lint.mjs'] },
  { name: 'gen', group: 'check', argv: [node, 'scripts/gen.mjs', '--check'] },
  { name: 'unit', group: 'check', argv: vitest('unit*'), counts: 'file' },
  {
    name: 'native',
    group: 'clients',
    argv: ['make', '-C', 'native', '--no-print-directory', 'check'],
    counts: 'printed',
  },
  { name: 'integration', group: 'integration', argv: vitest('integration'), counts: 'file' },
  { name: 'clients', group: 'clients', argv: vitest('clients'), counts: 'file' },
  { name: 'daemon', group: 'daemon', argv: vitest('daemon'), counts: 'file' },
  { name: 'posture', group: 'posture', argv: vitest('posture'), counts: 'file' },
  {
    name: 'conformance',
    group: 'conformance',
    argv: [node, 'test/conformance/start.mjs'],
    counts: 'printed',
  },
  {
    name: 'faults',
    group: 'posture',
    argv: [node, 'test/conformance/faults/run.mjs', '--rotate', '--shard', 'today/6', '--jobs', '3'],
    counts: 'printed',
  },
  { name: 'vm', group: 'vm', argv: [node, 'test/vm/lanes.mjs'], counts: 'file' },
];

const LIMIT_MINUTES = {
  install: 8,
  check: 5,
  integration: 8,
  clients: 8,
  daemon: 6,
  posture: 4,
  conformance: 12,
  vm: 9,
};

const scratch = mkdtempSync(join(tmpdir(), 'leeward-test-'));

function readCounts(kind, output, file) {
  if (kind === undefined) return undefined;
  if (kind === 'printed') return parsePrintedCounts(output);
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 0, failures: [], skipped: [] }; // it died before its end; problemsOf says so
  }
}

async function run({ name, argv, counts: kind }, limitMs) {
  console.log(`\n== ${name}`);
  const file = join(scratch, `${name}.json`);
  const env = { ...process.env, LEEWARD_TEST_COUNTS: file };
  const ended = await runPart(argv, { cwd: root, env, limitMs });
  const counts = readCounts(kind, ended.output, file);
  return { name, ms: ended.ms, interrupted: ended.interrupted, counts, problems: problemsOf({ ...ended, counts }) };
}

async function runAll(limited) {
  const left = Object.fromEntries(Object.entries(LIMIT_MINUTES).map(([group, minutes]) => [group, minutes * 60_000]));
  const results = [];
  for (const part of PARTS) {
    const result = await run(part, limited ? left[part.group] : undefined);
    left[part.group] -= result.ms;
    results.push(result);
    // Without a build nothing else can tell anything.
    if (result.interrupted || (part.name === 'bootstrap' && result.problems.length > 0)) break;
  }
  return results;
}

// What matters most comes last: the end of a long output is what one sees.
function print(results) {
  console.log('');
  for (const { counts } of results) {
    for (const { name, reason } of counts?.skipped ?? [])
      console.log(`skipped: ${name}: ${reason ?? 'no reason given'}`);
  }
  for (const { name, ms, counts } of results) {
    const tests = counts === undefined ? '' : `  ${summaryLine([{ counts, problems: [] }]).line}`;
    console.log(`${name.padEnd(12)} ${(ms / 1000).toFixed(1).padStart(6)} s${tests}`);
  }
  for (const { name, counts, problems } of results) {
    for (const problem of [...(counts?.failures ?? []), ...problems]) console.log(`failed: ${name}: ${problem}`);
  }
  const { failed, line } = summaryLine(results);
  console.log(line);
  return failed;
}

const results = await runAll(process.argv.includes('--limits'));
rmSync(scratch, { recursive: true, force: true });
process.exitCode = print(results) === 0 ? 0 : 1;
