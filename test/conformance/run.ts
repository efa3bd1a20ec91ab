/** `npm run conformance`: tries what policies promise to be impossible. Started by `start.mjs`, in namespaces of its own. */
import { release } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PACKAGE_ROOT } from '../harness/checkout.js';
import { prepareHost, provideHost } from '../harness/host.js';
import { withBoundaries } from './runner/boundaries.js';
import type { CaseClass } from './runner/case.js';
import { loadCatalogue } from './runner/catalogue.js';
import { removeCompiled } from './runner/materials.js';
import { type Options, parseOptions, USAGE } from './runner/options.js';
import { programOf } from './runner/program.js';
import { countsLine, detailLines, placeLines } from './runner/reports/console.js';
import { writeReports } from './runner/reports/files.js';
import { MOST_PRIVILEGED, selfCheck } from './runner/self-check.js';
import { shipped } from './runner/shipped.js';
import { failuresOf, runSuite } from './runner/suite.js';
import { unconfined } from './runner/unconfined.js';

const SUITE = fileURLToPath(new URL('.', import.meta.url));
const POLICIES = 'test/conformance/policies';
const POLICY_FOLDERS = ['policies', POLICIES];

async function main(options: Options): Promise<number> {
  const folders = POLICY_FOLDERS.map((folder) => join(PACKAGE_ROOT, folder));
  const { classes, findings } = loadCatalogue(SUITE, folders);
  for (const finding of findings) console.error(finding);
  if (findings.length > 0) return 2;
  for (const policy of policiesOf(classes)) programOf(policy, POLICY_FOLDERS);
  const derived = withBoundaries(classes, (policy) => programOf(policy, POLICY_FOLDERS).syscalls);
  const chosen = choose(derived, options);
  if (options.list) return list(chosen);
  return run(chosen, options);
}

async function run(classes: readonly CaseClass[], options: Options): Promise<number> {
  const { host, remove } = prepareHost(POLICIES);
  provideHost(host);
  const variant = options.withoutSandbox ? unconfined : shipped;
  try {
    const { places, full } = options;
    const accounts = variant.confines ? options.accounts : MOST_PRIVILEGED;
    const selection = {
      classes,
      places,
      accounts,
      full,
      variant,
      probes: join(SUITE, 'probes'),
      policyFolders: POLICY_FOLDERS,
    };
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
    for (const { id, title: tried, notYet } of cases)
      console.log(`  ${id} ${tried}${notYet === undefined ? '' : ` (not yet: ${notYet})`}`);
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
