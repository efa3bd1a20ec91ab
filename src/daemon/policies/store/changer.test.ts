import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LeewardError } from '../../../errors/leeward-error.js';
import { daemonPaths, processFacts } from '../../config/paths.js';
import { InProcessCompilers } from '../compiling/in-process-compiler.js';
import { Generations } from '../generations/generations.js';
import { GenerationLoader } from '../generations/loader.js';
import { historyOf } from '../history/open-history.js';
import { foldersOf, librariesOf } from '../open-library.js';
import { type ChangeOptions, PolicyChanger } from './changer.js';

/** Whether names that are given and taken in a folder cannot be made to last. */
const folder = vi.hoisted(() => ({ fails: false }));

vi.mock(import('../../disk/durable-file.js'), async (actual) => {
  const all = await actual();
  return {
    ...all,
    syncFolder: async (path: string) => {
      if (folder.fails) throw Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' });
      await all.syncFolder(path);
    },
  };
});

const OPTIONS: ChangeOptions = {
  dryRun: false,
  expect: undefined,
  running: undefined,
  origin: { act: 'apply', author: { uid: 0 }, message: null },
};

const UNTOLD = { onProblem: () => {}, onLeft: () => {} };

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'leeward-changer-'));
  mkdirSync(join(root, 'policies'), { mode: 0o700 });
});

afterEach(() => {
  folder.fails = false;
  rmSync(root, { recursive: true });
});

interface Opened {
  readonly changer: PolicyChanger;
  readonly generations: Generations;
}

/** @param checkTenants throws while nothing new can be served */
async function open(checkTenants = () => {}): Promise<Opened> {
  const paths = daemonPaths({ stateDirectory: root, policySource: 'store' }, processFacts());
  const { policyDirectories: directories } = paths;
  const compilers = new InProcessCompilers();
  const history = historyOf(paths, UNTOLD);
  const loader = new GenerationLoader({
    ...{ directories, folders: foldersOf(paths, () => history.stored()), compilers },
    libraryOf: librariesOf(paths, true, () => ({ landlockAbi: 6, privileged: true }), compilers),
    allowAudit: false,
    withTenants: true,
    checkTenants,
    numberOf: (folders) => history.numberOf(folders),
  });
  const generations = new Generations(await loader.first(), loader, history);
  const folder = directories[0]?.path ?? '';
  return {
    changer: new PolicyChanger({ generations, history, compilers, source: 'store', directories, folder }),
    generations,
  };
}

const changer = async () => (await open()).changer;

const kept = () => historyOf(daemonPaths({ stateDirectory: root }, processFacts()), UNTOLD).numbers();

function follow(generations: Generations, prepare: () => Promise<void> = async () => {}): void {
  const nothing = () => {};
  generations.follow({
    ...{
      watched: [],
      log: pino({ enabled: false }),
      prepare,
      serve: nothing,
      complete: async () => {},
      endJobs: async () => {},
    },
    ...{ onStir: nothing, onRefused: nothing },
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
  expect(kept()).toEqual([]);
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

it('a change is refused for a runtime that nobody has, and named for one that is not built', async () => {
  const { changer, generations } = await open();
  follow(generations);
  const naming = (runtime: string, ...others: (readonly [string, string])[]) => ({
    files: new Map([policy('mine', 'builtin:python@1', `runtime: ${runtime}\n`), ...others]),
    prune: false,
  });
  for (const dryRun of [true, false]) {
    const refused = changer.apply(naming('pyton'), { ...OPTIONS, dryRun });
    await expect(refused).rejects.toMatchObject({
      code: 'LW_POLICY_INVALID',
      message: expect.stringContaining('store/mine.yaml:5:10: error LW-R804: there is no runtime `pyton`'),
      hint: 'did you mean `python`?',
    });
  }
  const unbuilt = naming('own', [
    'runtimes/own.yaml',
    'version: 1\nkind: Runtime\nname: own\nrequirements: own.lock\n',
  ]);
  unbuilt.files.set('runtimes/own.lock', '');
  for (const dryRun of [true, false]) {
    const { findings } = await changer.apply(unbuilt, { ...OPTIONS, dryRun });
    expect(findings).toMatchObject([
      { code: 'LW-R802', severity: 'warning', range: { start: { line: 5, col: 10 } }, hint: /runtime build own/ },
    ]);
  }
  const { files } = naming('own');
  await expect(changer.apply({ files, prune: true }, OPTIONS)).rejects.toMatchObject({
    code: 'LW_RUNTIME_NOT_FOUND',
    place: { file: expect.stringMatching(/mine\.yaml$/), line: 5, col: 10 },
  });
});

it('a change that was looked at is made for the files that it was held against, not for others with the same number', async () => {
  const { changer, generations } = await open();
  follow(generations);
  const adding = (name: string) => ({ files: new Map([policy(name, 'builtin:strict@1')]), prune: true });
  const { base, baseDigest } = await changer.apply(adding('mine'), { ...OPTIONS, dryRun: true });
  const others = { ...OPTIONS, expect: base, expectDigest: '0a'.repeat(32) };
  for (const dryRun of [true, false]) {
    const refused = changer.apply(adding('mine'), { ...others, dryRun });
    await expect(refused).rejects.toMatchObject({
      code: 'LW_POLICY_STALE',
      message: `the files that this would change are others than were looked at: sha256:${baseDigest}, not sha256:${others.expectDigest}`,
    });
  }
  expect(kept()).toEqual([]);
  const made = await changer.apply(adding('mine'), { ...OPTIONS, expect: base, expectDigest: baseDigest });
  const next = await changer.apply(adding('other'), { ...OPTIONS, dryRun: true });
  expect(next.baseDigest).toBe(made.digest);
});

it('what a change would do is found out beside a change that takes long', async () => {
  const { changer, generations } = await open();
  void generations.exclusively(() => new Promise(() => {}));
  const set = { files: new Map([policy('mine', 'builtin:strict@1')]), prune: false };
  expect(await changer.apply(set, { ...OPTIONS, dryRun: true })).toMatchObject({
    ...{ base: 1, generation: undefined, policies: [{ policy: 'mine', relation: 'added' }] },
  });
});

it('a change after an unpin that nothing could follow is one of what the store has: what waited is not lost', async () => {
  let isWrong = false;
  const { changer, generations } = await open(() => {
    if (isWrong) throw new LeewardError('LW_POLICY_INVALID', 'not now');
  });
  follow(generations);
  const adding = (name: string) => ({ files: new Map([policy(name, 'builtin:strict@1')]), prune: false });
  const pinning = { author: { uid: 0 }, message: null };
  await changer.apply(adding('first'), OPTIONS);
  await changer.apply(adding('second'), OPTIONS);
  await changer.pin(2, pinning);
  isWrong = true;
  expect(await changer.unpin()).toMatchObject({ generation: 2, problem: 'not now' });
  isWrong = false;
  expect(generations.current.library.policyNames()).not.toContain('second');

  const tried = await changer.apply(adding('third'), { ...OPTIONS, dryRun: true });
  expect(tried.files.map(({ name }) => name)).toEqual(['second.yaml', 'third.yaml']);
  expect(await changer.apply(adding('third'), OPTIONS)).toMatchObject({ base: 2, generation: 4 });
  expect(generations.current.library.policyNames()).toEqual(expect.arrayContaining(['first', 'second', 'third']));
  expect(generations.failure).toBeUndefined();
});

it('what is pinned where the folder cannot be synced serves, is told so, and is what the next daemon finds', async () => {
  const { changer, generations } = await open();
  follow(generations);
  const pinning = { author: { uid: 0 }, message: null };
  const next = () => historyOf(daemonPaths({ stateDirectory: root }, processFacts()), UNTOLD).pin?.generation;
  const seen = () => [generations.current.number, generations.history?.pin?.generation, next()];
  await changer.apply({ files: new Map([policy('first', 'builtin:strict@1')]), prune: false }, OPTIONS);
  await changer.apply({ files: new Map([policy('second', 'builtin:strict@1')]), prune: false }, OPTIONS);

  const unsynced = 'a power failure may bring back what was pinned before: EIO';
  const problems = () => generations.history?.problems.map(({ message }) => message);
  folder.fails = true;
  expect(await changer.pin(2, pinning)).toEqual({ base: 3, generation: 2, problem: null, unsynced });
  expect(seen()).toEqual([2, 2, 2]);
  expect(problems()).toEqual([unsynced]);
  expect(await changer.unpin()).toEqual({ base: 2, generation: 3, problem: null, unsynced });
  expect(seen()).toEqual([3, undefined, undefined]);
  expect(problems()).toEqual([unsynced]);

  folder.fails = false;
  expect(await changer.unpin()).toEqual({ base: 3, generation: 3, problem: null, unsynced: null });
  expect(problems()).toEqual([]);
});

describe('a daemon that stops', () => {
  const set = { files: new Map([policy('mine', 'builtin:strict@1')]), prune: false };

  it('refuses a change that is not recorded yet, and nothing of it is left', async () => {
    const { changer, generations } = await open();
    follow(generations);
    const change = changer.apply(set, OPTIONS);
    await generations.close();
    await expect(change).rejects.toMatchObject({ code: 'LW_DAEMON_SHUTTING_DOWN' });
    await generations.settled(60_000);
    expect(kept()).toEqual([1]);
  });

  it('makes a change that is recorded: the next one will serve it', async () => {
    const { changer, generations } = await open();
    follow(generations, () => generations.close());
    expect(await changer.apply(set, OPTIONS)).toMatchObject({ base: 1, generation: 2 });
    expect(generations.current.number).toBe(2);
    expect(kept()).toEqual([2, 1]);
  });

  it('waits for what is being changed, but not without a bound', async () => {
    const { generations } = await open();
    let done = false;
    void generations.exclusively(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      done = true;
    });
    await generations.settled(60_000);
    expect(done).toBe(true);
    void generations.exclusively(() => new Promise(() => {}));
    await generations.settled(10);
  });
});
