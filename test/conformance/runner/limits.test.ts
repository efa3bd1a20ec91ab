import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../harness/checkout.js';
import { type Case, DEFAULTS } from './case.js';
import { loadCatalogue } from './catalogue.js';

const SUITE = fileURLToPath(new URL('..', import.meta.url));

/** The case that crosses each limit of the policy language. */
const CROSSED_BY: Readonly<Record<string, string>> = {
  memory: 'J03',
  timeout: 'J18',
  cpuTime: 'J07b',
  swap: 'J04',
  cpus: 'J07',
  pids: 'J01',
  stdout: 'J09',
  stderr: 'J09',
  claims: 'J09',
  openFiles: 'J05',
  fileSize: 'J08',
  core: 'J09',
  stack: 'J14c',
  lockedMemory: 'J12b',
  userNamespaces: 'A06',
  whenUnavailable: 'K05b',
};

/** Under this policy each is so low that crossing it costs nothing. */
const POLICY = 'suite-limits';

/**
 * The filter refuses user namespaces before their limit is asked, which decides in the run without seccomp; what becomes of limits
 * that cannot be had is tried under a policy that demands nothing of users, too.
 */
const OTHER_POLICIES = ['userNamespaces', 'whenUnavailable'];

describe('limits of the policy language', () => {
  const schema = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'schemas/policy.schema.json'), 'utf8'));
  const folders = ['policies', 'test/conformance/policies'].map((folder) => join(PACKAGE_ROOT, folder));
  const { classes } = loadCatalogue(SUITE, folders);
  const cases = new Map(classes.flatMap((own) => own.cases.map((one): [string, Case] => [one.id, one])));

  it('are crossed by a case, each of them', () => {
    expect(Object.keys(CROSSED_BY).sort()).toEqual(Object.keys(schema.$defs.limits.properties).sort());
  });

  it.each(Object.entries(CROSSED_BY))('%s is crossed by %s, which is tried as both accounts', (name, id) => {
    const { accounts = DEFAULTS.accounts, policies = DEFAULTS.policies, ...found } = cases.get(id) ?? ({} as Case);
    expect({ id: found.id, notYet: found.notYet, provenBy: found.provenBy, accounts }).toEqual({
      id,
      accounts: ['root', 'user'],
    });
    if (!OTHER_POLICIES.includes(name)) expect(policies).toContain(POLICY);
  });
});
