import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { daemonPaths, processFacts } from '../../config/paths.js';
import { InProcessCompilers } from '../compiling/in-process-compiler.js';
import { Generations } from '../generations/generations.js';
import { GenerationLoader } from '../generations/loader.js';
import { historyOf } from '../history/history.js';
import { foldersOf, librariesOf } from '../open-library.js';
import { type ChangeOptions, PolicyChanger } from './changer.js';

const OPTIONS: ChangeOptions = {
  dryRun: false,
  expect: undefined,
  running: undefined,
  origin: { act: 'apply', author: { uid: 0 }, message: null },
};

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'leeward-changer-'));
  mkdirSync(join(root, 'policies'), { mode: 0o700 });
});

afterEach(() => rmSync(root, { recursive: true }));

async function changer(): Promise<PolicyChanger> {
  const paths = daemonPaths({ stateDirectory: root, policySource: 'store' }, processFacts());
  const { policyDirectories: directories } = paths;
  const compilers = new InProcessCompilers();
  const history = historyOf(paths, () => {});
  const loader = new GenerationLoader({
    ...{ directories, folders: foldersOf(paths, () => history.stored()), compilers },
    libraryOf: librariesOf(paths, true, () => ({ landlockAbi: 6, privileged: true }), compilers),
    allowAudit: false,
    withTenants: true,
    checkTenants: () => {},
    numberOf: (folders) => history.numberOf(folders),
  });
  const generations = new Generations(await loader.first(), loader, history);
  return new PolicyChanger({
    generations,
    history,
    compilers,
    source: 'store',
    directories,
    folder: directories[0]?.path ?? '',
  });
}

const policy = (name: string, parent: string, rest = '') =>
  [`${name}.yaml`, `version: 1\nkind: Policy\nname: ${name}\nextends: [${parent}]\n${rest}`] as const;

it('a change is refused with all that is wrong in all of its files, each once', async () => {
  const many = Array.from({ length: 40 }, (_, index) =>
    policy(`p${index}`, index % 20 === 0 ? 'base' : 'builtin:strict@1'),
  );
  const files = new Map([
    policy('base', 'builtin:strict@1', 'limits: {pids: many}\n'),
    ...many,
    policy('z', 'builtin:strict@1', 'limits: {pids: few}\n'),
  ]);
  const refused = (await changer()).apply({ files, prune: false }, OPTIONS);
  const message = await refused.catch((error: Error) => error.message);
  const errors = String(message).match(/store\/\w+\.yaml:\d+:\d+: error/g);
  expect(errors).toEqual(['store/base.yaml:5:16: error', 'store/z.yaml:5:16: error']);
  expect(historyOf(daemonPaths({ stateDirectory: root }, processFacts()), () => {}).numbers()).toEqual([]);
});

it('a change is refused that says of two tenants what one of them alone may say', async () => {
  const tenant = (name: string) =>
    [
      `tenants/${name}.yaml`,
      `version: 1\nkind: Tenant\nname: ${name}\nidentities: {uids: [7]}\npolicies: [strict]\nceiling: strict\n`,
    ] as const;
  const refused = (await changer()).apply({ files: new Map([tenant('a'), tenant('b')]), prune: false }, OPTIONS);
  await expect(refused).rejects.toMatchObject({
    code: 'LW_POLICY_INVALID',
    message: expect.stringMatching(/tenants\/b\.yaml:.*error LW-U9/),
  });
});
