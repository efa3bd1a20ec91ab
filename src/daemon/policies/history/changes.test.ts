import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { daemonPaths, processFacts } from '../../config/paths.js';
import { InProcessCompilers } from '../compiling/in-process-compiler.js';
import { GenerationLoader } from '../generations/loader.js';
import { librariesOf, liveFolders } from '../open-library.js';
import { policyChanges } from './changes.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leeward-changes-'));
  mkdirSync(join(directory, 'tenants'));
});

afterEach(() => rmSync(directory, { recursive: true }));

function write(name: string, text: string): void {
  writeFileSync(join(directory, `${name}.yaml`), text);
  chmodSync(join(directory, `${name}.yaml`), 0o644);
}

const policy = (name: string, pids: string) =>
  write(name, `version: 1\nkind: Policy\nname: ${name}\nextends: [builtin:python@1]\nlimits: {pids: ${pids}}\n`);

it('a change of generations says of each policy what has become of it', async () => {
  const paths = daemonPaths({ stateDirectory: directory, policyDirectories: [directory] }, processFacts());
  const compilers = new InProcessCompilers();
  const loader = new GenerationLoader({
    directories: paths.policyDirectories,
    folders: liveFolders(),
    compilers,
    libraryOf: librariesOf(paths, true, () => ({ landlockAbi: 6, privileged: true }), compilers),
    allowAudit: false,
    withTenants: true,
    checkTenants: () => {},
  });
  for (const name of ['gone', 'less', 'more', 'said', 'same']) policy(name, '7');
  policy('broken', 'many');
  const before = await loader.first();
  rmSync(join(directory, 'gone.yaml'));
  policy('less', '6');
  policy('more', '8');
  policy('said', ' 7');
  policy('broken', '7');
  policy('new', '7');
  const changes = await policyChanges(before, await loader.first());
  expect(changes.map(({ policy: name, relation }) => `${name} ${relation}`)).toEqual([
    'broken unknown',
    'gone removed',
    'less narrower',
    'more wider',
    'new added',
    'said equal',
  ]);
  expect(changes[2]?.comparison?.differences.map(({ field }) => field)).toEqual(['limits.pids']);
});
