/** What the command line chooses of the catalogue. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PACKAGE_ROOT } from '../../harness/checkout.js';
import { withBoundaries } from './boundaries.js';
import type { CaseClass } from './case.js';
import { loadCatalogue } from './catalogue.js';
import type { Options } from './options.js';
import { programOf } from './program.js';
import { MOST_PRIVILEGED } from './self-check.js';
import { shipped } from './shipped.js';
import type { Selection } from './suite.js';
import { unconfined } from './unconfined.js';

const SUITE = fileURLToPath(new URL('..', import.meta.url));
/** The suite's own policies, relative to the repository. */
export const POLICIES = 'test/conformance/policies';
const POLICY_FOLDERS = ['policies', POLICIES];

export interface Chosen {
  /** Mistakes in the catalogue; then nothing is chosen. */
  readonly findings: readonly string[];
  readonly selection: Selection;
}

/** @throws Error when a policy of a case does not compile */
export function choose(options: Options): Chosen {
  const folders = POLICY_FOLDERS.map((folder) => join(PACKAGE_ROOT, folder));
  const { classes: all, findings } = loadCatalogue(SUITE, folders);
  const variant = options.withoutSandbox ? unconfined : shipped;
  const accounts = variant.confines ? options.accounts : MOST_PRIVILEGED;
  const { places, full } = options;
  const classes = findings.length > 0 ? [] : chosenOf(complete(all), options);
  const selection = {
    classes,
    accounts,
    places,
    full,
    usual: variant.confines && !full,
    variant,
    probes: join(SUITE, 'probes'),
    policyFolders: POLICY_FOLDERS,
  };
  return { findings, selection };
}

function complete(classes: readonly CaseClass[]): readonly CaseClass[] {
  for (const { policies = [] } of classes.flatMap(({ cases }) => cases))
    for (const policy of policies) programOf(policy, POLICY_FOLDERS);
  return withBoundaries(classes, (policy) => programOf(policy, POLICY_FOLDERS).syscalls);
}

function chosenOf(classes: readonly CaseClass[], { classes: letters, ids }: Options): readonly CaseClass[] {
  return classes
    .filter(({ class: own }) => letters?.includes(own) !== false)
    .map((own) => ({ ...own, cases: own.cases.filter(({ id }) => ids?.includes(id) !== false) }))
    .filter(({ cases }) => cases.length > 0);
}
