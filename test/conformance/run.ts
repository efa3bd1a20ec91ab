/** `npm run conformance`: tries what policies promise to be impossible. Started by `start.mjs`, in namespaces of its own. */
import { release } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PACKAGE_ROOT } from '../harness/checkout.js';
import { prepareHost, provideHost } from '../harness/host.js';
import { withBoundaries } from './runner/boundaries.js';
import type { CaseClass } from './runner/case.js';
import { loadCatalogue } from './runner/catalogue.js';
import { runKnockOuts } from './runner/knock-out.js';
import { allLayers } from './runner/layers.js';
import { removeCompiled } from './runner/materials.js';
import { type KnockOut, matrixOf } from './runner/matrix.js';
import { type Options, parseOptions, USAGE } from './runner/options.js';
import { programOf } from './runner/program.js';
import { countsLine, detailLines, placeLines } from './runner/reports/console.js';
import { writeReports } from './runner/reports/files.js';
import { layerLine, matrixLines, writeMatrix } from './runner/reports/matrix.js';
import { MOST_PRIVILEGED, selfCheck } from './runner/self-check.js';
import { shipped } from './runner/shipped.js';
import { failuresOf, runSuite, type Selection } from './runner/suite.js';
import { unconfined } from './runner/unconfined.js';

const SUITE = fileURLToPath(new URL('.', import.meta.url));
const POLICIES = 'test/conformance/policies';
const POLICY_FOLDERS = ['policies', POLICIES];
const FOLDERS = { probes: join(SUITE, 'probes'), policyFolders: POLICY_FOLDERS };

async function main(options: Options): Promise<number> {
  const folders = POLICY_FOLDERS.map((folder) => join(PACKAGE_ROOT, folder));
  const { classes, findings } = loadCatalogue(SUITE, folders);
  for (const finding of findings) console.error(finding);
  if (findings.length > 0) return 2;
  for (const policy of policiesOf(classes)) programOf(policy, POLICY_FOLDERS);
  const derived = withBoundaries(classes, (policy) => programOf(policy, POLICY_FOLDERS).syscalls);
  const chosen = choose(derived, options);
  if (options.list) return list(chosen);
  return options.knockOut === undefined ? run(chosen, options) : runWithout(options.knockOut, chosen, options);
}

async function run(classes: readonly CaseClass[], options: Options): Promise<number> {
  const { host, remove } = prepareHost(POLICIES);
  provideHost(host);
  const variant = options.withoutSandbox ? unconfined : shipped;
  try {
    const { places, full } = options;
    const accounts = variant.confines ? options.accounts : MOST_PRIVILEGED;
    const selection: Selection = { classes, places, accounts, full, variant, ...FOLDERS };
    const results = [...(await runSuite(selection, (own) => placeLines(own).map((line) => console.log(line))))];
    if (variant.confines) results.push(...(await selfCheck(selection)));
    for (const line of detailLines(results)) console.log(line);
    if (options.report !== undefined) {
      const facts = { variant: variant.name, kernel: release(), date: new Date().toISOString() };
      writeReports(options.report, facts, classes, results);
    }
    console.log(countsLine(results));
    return failuresOf(results).length === 0 && results.length > 0 ? 0 : 1;
  } finally {
    remove();
    removeCompiled();
  }
}

/** The matrix of probes and layers; fails when it differs from what the cases say. */
async function runWithout(names: readonly string[], classes: readonly CaseClass[], options: Options): Promise<number> {
  const known = allLayers().filter(({ canBeLeftOut }) => canBeLeftOut);
  const unknown = names.filter((name) => !known.some((layer) => layer.name === name));
  if (unknown.length > 0)
    throw new Error(`--layer ${unknown.join()}: there are ${known.map(({ name }) => name).join(', ')}`);
  const layers = names.length > 0 ? names : known.map(({ name }) => name);
  const { host, remove } = prepareHost(POLICIES);
  provideHost(host);
  try {
    const { named } = options;
    const selection = { classes, ...FOLDERS, places: [], accounts: [], full: false, variant: shipped, named };
    const runs: KnockOut[] = [];
    const { report } = options;
    await runKnockOuts(host, layers, selection, (run) => {
      runs.push(run);
      console.log(layerLine(run));
      // After each: a run of all takes long.
      if (report !== undefined) writeMatrix(report, matrixOf(classes, runs), runs);
    });
    const matrix = matrixOf(classes, runs);
    for (const line of matrixLines(matrix)) console.log(line);
    // Some of the probes cannot need every layer.
    const isWhole = options.classes === undefined && options.ids === undefined;
    return matrix.findings.length === 0 && (!isWhole || matrix.unneeded.length === 0) ? 0 : 1;
  } finally {
    remove();
    removeCompiled();
  }
}

function policiesOf(classes: readonly CaseClass[]): readonly string[] {
  return classes.flatMap(({ cases }) => cases.flatMap(({ policies = [] }) => policies));
}

function choose(classes: readonly CaseClass[], { classes: letters, ids }: Options): readonly CaseClass[] {
  return classes
    .filter(({ class: own }) => letters?.includes(own) !== false)
    .map((own) => ({ ...own, cases: own.cases.filter(({ id }) => ids?.includes(id) !== false) }))
    .filter(({ cases }) => cases.length > 0);
}

function list(classes: readonly CaseClass[]): number {
  for (const { class: letters, title, cases } of classes) {
    console.log(`${letters}. ${title}`);
    for (const { id, title: tried, provenBy = [], notYet } of cases) {
      const where = provenBy.map(({ file }) => ` (proven by ${file})`).join('');
      console.log(`  ${id} ${tried}${where}${notYet === undefined ? '' : ` (not yet: ${notYet})`}`);
    }
  }
  return 0;
}

try {
  process.exitCode = await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  if (error instanceof TypeError && 'code' in error) console.error(USAGE);
  process.exitCode = 2;
}
