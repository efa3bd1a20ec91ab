import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LeewardError } from '../../../errors/leeward-error.js';
import { encodePlan } from '../../../plan/encode.js';
import { daemonPaths, processFacts } from '../../config/paths.js';
import { FrozenFolders } from '../frozen-folders.js';
import type { Library } from '../library.js';
import { librariesOf, libraryOf, liveFolders } from '../open-library.js';
import type { CompileTask, PolicyCompilers } from './compiler.js';
import { CompilerPool, type CompilerPoolOptions } from './compiler-pool.js';
import { InProcessCompilers } from './in-process-compiler.js';

const HEAD = 'version: 1\nkind: Policy\n';
const RUNTIME = '/opt/as-if-it-were-built';

/** A thread that does this when it is given a policy. */
const thread = (body: string) => () =>
  new Worker(`require('node:worker_threads').parentPort.on('message', function () { ${body} })`, { eval: true });
const served = { kind: 'failed', error: { code: 'LW_POLICY_INVALID', message: 'served', retryable: false } };
const serving = thread(`this.postMessage(${JSON.stringify(served)})`);

let directory: string;
/** One for the tests that need no other: a thread takes a while to know its way. */
let shared: CompilerPool;
/** What is compiled in this thread. */
let here: Library;
const pools: CompilerPool[] = [];

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'leeward-compiler-'));
  mkdirSync(join(directory, 'runtimes'));
  shared = new CompilerPool({ threads: 1 });
  here = libraryOf(paths(), true, kernel);
});

afterAll(() => {
  shared.close();
  rmSync(directory, { recursive: true });
});

afterEach(() => {
  for (const pool of pools.splice(0)) pool.close();
});

const kernel = () => ({ landlockAbi: 6, privileged: true });
const paths = () => daemonPaths({ stateDirectory: directory, policyDirectories: [directory] }, processFacts());

function poolOf(options: Partial<CompilerPoolOptions>): CompilerPool {
  const pool = new CompilerPool({ threads: 1, ...options });
  pools.push(pool);
  return pool;
}

/** What is compiled by a pool, of the files as they are now. */
async function thereOf(compilers: PolicyCompilers = shared): Promise<Library> {
  const folders = await FrozenFolders.read(paths().policyDirectories, liveFolders());
  return librariesOf(paths(), true, kernel, compilers)(folders);
}

function write(name: string, text: string): string {
  const path = join(directory, `${name}.yaml`);
  writeFileSync(path, `${HEAD}name: ${name}\n${text}`, { mode: 0o644 });
  return path;
}

/** A policy with nothing of its own that runs without a built runtime. */
const plain = (name: string) => write(name, 'extends: [builtin:python@1]\nruntime: python\n');

describe('a compiler pool', () => {
  it.each(['strict', 'python', 'python-data', 'python-ml'])(
    'compiles %s as it is compiled in this thread',
    async (name) => {
      const there = await thereOf();
      const expected = await here.compileSource(here.source(name), RUNTIME);
      const first = await there.compileSource(there.source(name), RUNTIME);
      expect(first).toEqual(expected);
      // Now most of it is known to both threads.
      const second = await there.compileSource(there.source(name), RUNTIME);
      expect(second.compiled.policy.syscalls).toEqual(expected.compiled.policy.syscalls);
      const bytes = [expected, first, second].map(({ compiled }) => encodePlan(compiled.plan).toString('hex'));
      expect(new Set(bytes).size).toBe(1);
    },
  );

  it('compiles for the architecture that is asked for', async () => {
    const there = await thereOf();
    const expected = await here.compileSource(here.source('python'), undefined, 'arm64');
    const { compiled, digest } = await there.compileSource(there.source('python'), undefined, 'arm64');
    expect(compiled.plan).toEqual(expected.compiled.plan);
    expect(digest).toBe(expected.digest);
  });

  it('shares what policies have in common, and keeps apart what is their own', async () => {
    plain('first');
    write('second', 'extends: [builtin:python@1]\nruntime: python\nlimits: {pids: 7}\n');
    write('third', 'extends: [builtin:python@1]\nruntime: python\nsyscalls: {allow: [setpriority]}\n');
    const there = await thereOf();
    const [first, second, third] = await Promise.all(['first', 'second', 'third'].map((name) => there.compile(name)));
    expect(second?.compiled.plan.filter).toBe(first?.compiled.plan.filter);
    expect(third?.compiled.plan.filter).not.toBe(first?.compiled.plan.filter);
    expect(third?.compiled.policy.syscalls.allow[0]).toBe(first?.compiled.policy.syscalls.allow[0]);
    expect([first, second, third].map((policy) => policy?.compiled.plan.limits.pidsMax)).toEqual([64n, 7n, 64n]);
    expect(Object.isFrozen(first?.compiled.plan.filter)).toBe(true);
  });

  it('lints files as they are linted in this thread', async () => {
    plain('parent');
    const files = [
      write('wrong', 'extends: [parent]\nlimits: {pids: many}\n'),
      write('odd', 'extends: [parent, parent]\n'),
    ];
    const folders = await FrozenFolders.read(paths().policyDirectories, liveFolders());
    const findings = await shared.lint(folders, files);
    expect(findings).toEqual(await new InProcessCompilers().lint(folders, files));
    expect(findings.map(({ file }) => file)).toEqual(expect.arrayContaining(files));
  });

  it('gives each of many the answer to its own policy', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `many-${index}`);
    names.forEach(plain);
    const there = await thereOf();
    const policies = await Promise.all(names.map((name) => there.compile(name)));
    expect(policies.map(({ compiled }) => compiled.plan.policyName)).toEqual(names);
  });

  it('follows a parent that has changed', async () => {
    const parent = (pids: number) =>
      write('parent', `extends: [builtin:python@1]\nruntime: python\nlimits: {pids: ${pids}}\n`);
    write('child', 'extends: [parent]\n');
    for (const pids of [7, 8]) {
      parent(pids);
      const { compiled } = await (await thereOf()).compile('child');
      expect(compiled.plan.limits.pidsMax).toBe(BigInt(pids));
    }
  });
});

describe('a survey of the folders', () => {
  it('is the same from a thread as from here, and knows each state of them again', async () => {
    plain('seen');
    write('unseen', 'extends: [seen]\nlimits: {pids: 7}\n');
    write('unread', 'extends: [seen]\nlimits: {pids: many}\n');
    const here = new InProcessCompilers();
    const read = () => FrozenFolders.read(paths().policyDirectories, liveFolders());
    const first = await shared.survey(await read());
    expect(first).toEqual(await here.survey(await read()));
    expect(first.policies.find(({ name }) => name === 'unread')?.error?.code).toBe('LW_POLICY_INVALID');
    plain('seen');
    expect((await read()).digest).toBe((await read()).digest);
    write('seen', 'extends: [builtin:python@1]\nruntime: python\nlimits: {pids: 9}\n');
    const second = await shared.survey(await read());
    const changed = second.policies.filter(({ content }, index) => content !== first.policies[index]?.content);
    expect(changed.map(({ name }) => name)).toEqual(['seen', 'unseen']);
    expect(second).toEqual(await here.survey(await read()));
  });
});

describe('what is wrong with a policy', () => {
  it('comes back as the same error', async () => {
    write('wrong', 'extends: [builtin:python@1]\nruntime: python\nlimits: {pids: many}\n');
    write('heir', 'extends: [wrong]\n');
    write('orphan', 'extends: [builtin:pyhton@1, first-parent, wrogn]\n');
    write('roofless', 'extends: [builtin:python@1]\nruntime: pyhton\n');
    const there = await thereOf();
    for (const name of ['wrong', 'heir', 'orphan', 'roofless', 'nobody']) {
      const expected = await here.compile(name).catch((error: unknown) => error);
      const error = await there.compile(name).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(LeewardError);
      expect((error as LeewardError).toJSON()).toEqual((expected as LeewardError).toJSON());
    }
  });

  it('is that others may write it', async () => {
    const path = plain('open');
    write('trusting', 'extends: [open]\n');
    chmodSync(path, 0o666);
    const unsafe = { code: 'LW_POLICY_UNSAFE_FILE' };
    await expect((await thereOf()).compile('trusting')).rejects.toMatchObject(unsafe);
    chmodSync(path, 0o644);
    expect((await (await thereOf()).compile('trusting')).compiled.plan.policyName).toBe('trusting');
  });

  it('does not keep the thread from the next one', async () => {
    plain('fine');
    const refused = new Error('not this one');
    const there = await thereOf();
    const task: CompileTask = {
      source: () => there.source('fine'),
      extended: there.extended,
      host: { ...kernel(), arch: 'x86_64', workerDirectory: directory },
      target: () => {
        throw refused;
      },
    };
    const folders = await FrozenFolders.read(paths().policyDirectories, liveFolders());
    await expect(shared.compilerOf(folders).compile(task)).rejects.toBe(refused);
    expect((await there.compile('fine')).compiled.plan.policyName).toBe('fine');
  });
});

describe('a thread', () => {
  it('that ends is replaced once, by one that gets the same policy', async () => {
    plain('survivor');
    const starts = [thread('process.exit(3)'), serving];
    const library = await thereOf(poolOf({ start: () => (starts.shift() ?? serving)() }));
    await expect(library.compile('survivor')).rejects.toThrow('served');
  });

  it.each([
    ['process.exit(3)', 'it ended with 3'],
    ['throw new Error("broken")', 'broken'],
  ])('that always ends (%s) is an error with the place of the file', async (body, reason) => {
    const file = plain('deadly');
    const library = await thereOf(poolOf({ start: thread(body) }));
    await expect(library.compile('deadly')).rejects.toMatchObject({
      code: 'LW_INTERNAL',
      message: `the thread that compiles ${file} was lost: ${reason}`,
      place: { file, line: 1, col: 1 },
    });
  });

  it('that does not answer is ended, and the next policy gets another one', async () => {
    const file = plain('endless');
    const starts = [thread('for (;;);'), serving];
    const library = await thereOf(poolOf({ start: () => (starts.shift() ?? serving)(), deadlineMs: 500 }));
    const ends = await Promise.allSettled([library.compile('endless'), library.compile('endless')]);
    const message = `${file} could not be compiled: it did not answer within 0.5 s`;
    expect(ends).toMatchObject([
      { reason: { code: 'LW_POLICY_INVALID', message, place: { file, line: 1, col: 1 } } },
      { reason: { code: 'LW_POLICY_INVALID', message: 'served' } },
    ]);
  });

  it('that cannot be started is an error for all who wait for one', async () => {
    plain('homeless');
    const starts = [thread('process.exit(3)')];
    const start = () => {
      const next = starts.shift();
      if (next === undefined) throw new Error('no room for a thread');
      return next();
    };
    const library = await thereOf(poolOf({ start }));
    const ends = await Promise.allSettled(Array.from({ length: 3 }, () => library.compile('homeless')));
    for (const end of ends) expect(end).toMatchObject({ reason: { message: 'no room for a thread' } });
  });

  it('without work ends after a while, and another one takes over', async () => {
    plain('rested');
    const started: Worker[] = [];
    const start = () => {
      started.push(serving());
      return started.at(-1) as Worker;
    };
    const library = await thereOf(poolOf({ start, idleMs: 1 }));
    await expect(library.compile('rested')).rejects.toThrow('served');
    await new Promise((resolve) => started[0]?.once('exit', resolve));
    await expect(library.compile('rested')).rejects.toThrow('served');
    expect(started).toHaveLength(2);
  });
});

describe('a pool that is closed', () => {
  const closed = { code: 'LW_DAEMON_SHUTTING_DOWN' };

  it('gives up what is compiled and what waits, and takes no more', async () => {
    plain('late');
    const pool = poolOf({ start: thread('for (;;);') });
    const library = await thereOf(pool);
    const policies = [library.compile('late'), library.compile('late')];
    const ends = Promise.allSettled(policies);
    // The first one has its thread by then.
    await new Promise(setImmediate);
    pool.close();
    expect(await ends).toMatchObject([
      { status: 'rejected', reason: closed },
      { status: 'rejected', reason: closed },
    ]);
    await expect(library.compile('late')).rejects.toMatchObject(closed);
  });
});
