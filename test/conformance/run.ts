/** `npm run conformance`: tries what policies promise to be impossible. Started by `start.mjs`, in namespaces of its own. */
import { release } from 'node:os';
import { type Host, prepareHost, provideHost } from '../harness/host.js';
import { runAccounts } from './runner/accounts.js';
import type { CaseClass } from './runner/case.js';
import { choose, POLICIES } from './runner/chosen.js';
import { Controls } from './runner/control.js';
import { runKnockOuts } from './runner/knock-out.js';
import { allLayers } from './runner/layers.js';
import { removeCompiled } from './runner/materials.js';
import { type KnockOut, matrixOf } from './runner/matrix.js';
import { type Options, parseOptions, USAGE } from './runner/options.js';
import { countsLine, detailLines, placeLines } from './runner/reports/console.js';
import { writeReports } from './runner/reports/files.js';
import { layerLine, matrixLines, writeMatrix } from './runner/reports/matrix.js';
import { selfCheck } from './runner/self-check.js';
import { failuresOf, type ProbeResult, type Selection } from './runner/suite.js';

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  const { findings, selection } = choose(options);
  for (const finding of findings) console.error(finding);
  if (findings.length > 0) return 2;
  if (options.list) return list(selection.classes);
  if (options.knockOut === undefined) return onHost(() => run(selection, args, options.report));
  const layers = layersOf(options.knockOut);
  return onHost((host) => runWithout(host, layers, selection, options));
}

/** With Leeward installed in a directory of the run's own. */
async function onHost(body: (host: Host) => Promise<number>): Promise<number> {
  const { host, remove } = prepareHost(POLICIES);
  provideHost(host);
  try {
    return await body(host);
  } finally {
    remove();
    removeCompiled();
  }
}

async function run(selection: Selection, args: readonly string[], report: string | undefined): Promise<number> {
  const { classes, variant, probes, policyFolders } = selection;
  const controls = new Controls(probes, policyFolders);
  const results = [...(await runAccounts(selection, args, controls, printPlace))];
  if (variant.confines) results.push(...(await selfCheck(selection, controls)));
  for (const line of detailLines(results)) console.log(line);
  if (report !== undefined) {
    const facts = { variant: variant.name, kernel: release(), date: new Date().toISOString() };
    writeReports(report, facts, classes, results);
  }
  console.log(countsLine(results));
  return failuresOf(results).length === 0 && results.length > 0 ? 0 : 1;
}

function printPlace(results: readonly ProbeResult[]): void {
  for (const line of placeLines(results)) console.log(line);
}

/** Those that are asked for, or all that can be left out. */
function layersOf(names: readonly string[]): readonly string[] {
  const known = allLayers().flatMap(({ name, canBeLeftOut }) => (canBeLeftOut ? [name] : []));
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`--layer ${unknown.join()}: there are ${known.join(', ')}`);
  return names.length > 0 ? names : known;
}

/** The matrix of probes and layers; fails when it differs from what the cases say. */
async function runWithout(
  host: Host,
  layers: readonly string[],
  selection: Selection,
  { named, report, classes: letters, ids }: Options,
): Promise<number> {
  const { classes } = selection;
  const runs: KnockOut[] = [];
  await runKnockOuts(host, layers, { ...selection, full: false, named }, (run) => {
    runs.push(run);
    console.log(layerLine(run));
    // After each: a run of all takes long.
    if (report !== undefined) writeMatrix(report, matrixOf(classes, runs), runs);
  });
  const matrix = matrixOf(classes, runs);
  for (const line of matrixLines(matrix)) console.log(line);
  // Some of the probes cannot need every layer.
  const isWhole = letters === undefined && ids === undefined;
  return matrix.findings.length === 0 && (!isWhole || matrix.unneeded.length === 0) ? 0 : 1;
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
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  if (error instanceof TypeError && 'code' in error) console.error(USAGE);
  process.exitCode = 2;
}
