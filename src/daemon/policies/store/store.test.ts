import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LeewardError } from '../../../errors/leeward-error.js';
import { FrozenFolders } from '../frozen-folders.js';
import type { Generation } from '../generations/generation.js';
import { PolicyHistory } from '../history/history.js';
import type { Origin } from '../history/record.js';
import { liveFolders } from '../open-library.js';
import { earlierFiles } from './earlier-files.js';
import { fileChanges, withFiles } from './other-files.js';
import { StoredFolders } from './stored-folders.js';

/** How many files can be written until the power fails; `late`: the next one is there, but its folder was not synced. */
const power = vi.hoisted(() => ({ left: Number.POSITIVE_INFINITY, late: false }));

vi.mock(import('../../disk/durable-file.js'), async (actual) => {
  const { writeDurably } = await actual();
  return {
    writeDurably: async (path: string, text: string, signal?: AbortSignal) => {
      const fails = power.left-- <= 0;
      if (!fails || power.late) await writeDurably(path, text, signal);
      if (fails) throw new Error('the power fails');
    },
  };
});

const ORIGIN: Origin = { act: 'apply', author: { uid: 0 }, message: null };
const me = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'leeward-store-'));
  mkdirSync(join(root, 'history'), { mode: 0o700 });
  power.left = Number.POSITIVE_INFINITY;
});

afterEach(() => rmSync(root, { recursive: true }));

const open = (most?: number) => {
  const untold = { onProblem: () => {}, onLeft: () => {} };
  return new PolicyHistory({ folder: join(root, 'history'), trust: me, ...untold, ...(most && { most }) });
};
const store = () => join(root, 'history', 'store');
const directories = (stored = true) => [
  stored ? { path: store(), required: false, stored } : { path: join(root, 'p'), required: false },
];

function read(history: PolicyHistory): Promise<FrozenFolders> {
  return FrozenFolders.read(directories() as never, new StoredFolders(store(), () => history.stored(), liveFolders()));
}

function generation(history: PolicyHistory, folders: FrozenFolders): Generation {
  return { number: history.numberOf(folders), loadedAt: new Date(), folders } as Generation;
}

async function apply(history: PolicyHistory, files: Readonly<Record<string, string>>, prune = false): Promise<void> {
  const folders = withFiles(await read(history), store(), { files: new Map(Object.entries(files)), prune });
  await history.keep(generation(history, folders), ORIGIN, []);
  await history.settled();
}

const contents = async (history: PolicyHistory) => Object.fromEntries((await read(history)).within(store()));

describe('a store', () => {
  it('has what was applied, also for the next daemon', async () => {
    const history = open();
    expect(await contents(history)).toEqual({});
    await apply(history, { 'mine.yaml': 'one', 'runtimes/r.lock': 'lock', 'tenants/acme.yaml': 'tenant' });
    await apply(history, { 'mine.yaml': 'two' });
    const both = { 'mine.yaml': 'two', 'runtimes/r.lock': 'lock', 'tenants/acme.yaml': 'tenant' };
    expect(await contents(history)).toEqual(both);
    expect(await contents(open())).toEqual(both);
    await apply(history, { 'other.yaml': 'three' }, true);
    expect(await contents(open())).toEqual({ 'other.yaml': 'three' });
  });

  it('has the old files when a change is refused, whichever write fails, and no number means both', async () => {
    const before = { 'mine.yaml': 'one', 'other.yaml': 'one' };
    const after = { 'mine.yaml': 'two', 'other.yaml': 'three', 'tenants/acme.yaml': 'four' };
    // Three texts and the record.
    const failures = [0, 1, 2, 3].flatMap((writes) => [false, true].map((late) => ({ writes, late })));
    for (const { writes, late } of failures) {
      power.late = late;
      power.left = Number.POSITIVE_INFINITY;
      rmSync(join(root, 'history'), { recursive: true });
      mkdirSync(join(root, 'history'), { mode: 0o700 });
      await apply(open(), before);
      power.left = writes;
      const history = open();
      await expect(apply(history, after)).rejects.toThrowError();
      expect(await contents(history)).toEqual(before);
      expect(await contents(open())).toEqual(before);
      expect(open().numbers()).toEqual([1]);
    }
    power.left = 4;
    await apply(open(), after);
    expect(await contents(open())).toEqual(after);
    expect(open().numbers()).toEqual([2, 1]);
  });

  it('is kept while its daemon follows folders, however long', async () => {
    const most = 2;
    await apply(open(most), { 'mine.yaml': 'one' });
    const history = open(most);
    for (let count = 0; count < 5; count++) {
      const files = new Map([[join(root, 'p', 'x.yaml'), { text: `${count}` }]]);
      const lists = new Map([[join(root, 'p'), ['x.yaml']]]);
      const folders = new FrozenFolders({ directories: directories(false), files, lists, unsafe: new Map() });
      history.serves(generation(history, folders), ORIGIN, undefined);
      await history.settled();
    }
    expect(open(most).numbers()).toEqual([6, 5, 1]);
    expect(await contents(open(most))).toEqual({ 'mine.yaml': 'one' });
    expect(readdirSync(join(root, 'history')).filter((name) => name.startsWith('text-'))).toHaveLength(3);
  });

  it('has each text as it was given, whatever is in it', async () => {
    const marks = ['\uFEFFversion: 1', '\uFEFF\uFEFF', '\0', '\r\n', ''];
    const texts = fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...marks)), { maxLength: 4 });
    const example: [string[]] = [marks];
    await fc.assert(
      fc.asyncProperty(texts, async (given) => {
        const files = Object.fromEntries(given.map((text, index) => [`p${index}.yaml`, text]));
        await apply(open(), files, true);
        expect(await contents(open())).toEqual(files);
      }),
      { numRuns: 3, examples: [example] },
    );
  });

  it('has the files of an earlier generation again only where all of them are known', async () => {
    await apply(open(), { 'mine.yaml': 'one', 'tenants/acme.yaml': 'tenant' });
    await apply(open(), { 'mine.yaml': 'two' }, true);
    const before = new Map([
      ['mine.yaml', 'one'],
      ['tenants/acme.yaml', 'tenant'],
    ]);
    expect(earlierFiles(open(), 1, store())).toEqual({ files: before, prune: true });
    const path = join(root, 'p', 'x.yaml');
    const serve = async (data: Partial<FrozenFolders['data']>) => {
      const lists = new Map([[join(root, 'p'), ['x.yaml']]]);
      const all = { directories: directories(false), files: new Map(), lists, unsafe: new Map(), ...data };
      const history = open();
      history.serves(generation(history, new FrozenFolders(all)), ORIGIN, undefined);
      await history.settled();
    };
    const error = new LeewardError('LW_POLICY_UNSAFE_FILE', 'not so').toJSON();
    await serve({ files: new Map([[path, { text: 'x' }]]) });
    expect(() => earlierFiles(open(), 3, store())).toThrowError(/^generation 3 has nothing of .*store$/);
    await serve({ files: new Map([[path, { error }]]) });
    expect(() => earlierFiles(open(), 4, join(root, 'p'))).toThrowError(/^generation 4 could not read x.yaml/);
    await serve({ unsafe: new Map([[join(root, 'p', 'tenants'), error]]) });
    expect(() => earlierFiles(open(), 5, join(root, 'p'))).toThrowError(/^generation 5 could not read .*tenants/);
  });

  it('is never taken for that of an earlier generation because its own is damaged', async () => {
    const most = 2;
    await apply(open(most), { 'mine.yaml': 'one' });
    await apply(open(most), { 'mine.yaml': 'two' });
    writeFileSync(join(root, 'history', 'generation-2.json'), 'damaged');
    const history = open(most);
    for (let count = 0; count < 4; count++) {
      const files = new Map([[join(root, 'p', 'x.yaml'), { text: `${count}` }]]);
      const folders = new FrozenFolders({
        directories: directories(false),
        files,
        lists: new Map(),
        unsafe: new Map(),
      });
      history.serves(generation(history, folders), ORIGIN, undefined);
      await history.settled();
    }
    expect(open(most).numbers().at(-1)).toBe(1);
    expect(() => open(most).stored()).toThrowError(/generation-2.json is not as it was written/);
    rmSync(join(root, 'history', 'generation-2.json'));
    expect(await contents(open(most))).toEqual({ 'mine.yaml': 'one' });
  });

  it('is refused as a whole when a text of it is damaged', async () => {
    await apply(open(), { 'mine.yaml': 'one' });
    const text = readdirSync(join(root, 'history')).find((name) => name.startsWith('text-')) ?? '';
    rmSync(join(root, 'history', text));
    expect(() => open().stored()).toThrowError(/is damaged: .*is missing/);
  });
});

describe('other files in a folder', () => {
  const folders = () => {
    const files = ['a.yaml', 'tenants/t.yaml', 'MANIFEST'].map(
      (name) => [join(root, 'p', name), { text: name }] as const,
    );
    const lists = new Map([
      [join(root, 'p'), ['a.yaml', 'MANIFEST']],
      [join(root, 'p', 'tenants'), ['t.yaml']],
    ]);
    return new FrozenFolders({ directories: directories(false), files: new Map(files), lists, unsafe: new Map() });
  };

  it('are listed, say what they change, and are no set of a MANIFEST any more', () => {
    const folder = join(root, 'p');
    const next = withFiles(folders(), folder, {
      files: new Map([
        ['runtimes/r.yaml', 'r'],
        ['a.yaml', 'A'],
      ]),
      prune: false,
    });
    expect(next.list(folder)).toEqual(['a.yaml']);
    expect(next.list(join(folder, 'runtimes'))).toEqual(['r.yaml']);
    expect(next.list(join(folder, 'tenants'))).toEqual(['t.yaml']);
    expect(next.read(join(folder, 'a.yaml'))).toBe('A');
    expect(fileChanges(folders(), next, folder)).toEqual([
      { name: 'MANIFEST', change: 'removed' },
      { name: 'a.yaml', change: 'changed' },
      { name: 'runtimes/r.yaml', change: 'added' },
    ]);
    const only = withFiles(folders(), folder, { files: new Map([['b.yaml', 'b']]), prune: true });
    expect([only.list(folder), only.list(join(folder, 'tenants'))]).toEqual([['b.yaml'], []]);
  });

  it('are refused when they could not be read again', () => {
    const large = new Map([['a.yaml', 'é'.repeat((1 << 19) + 1)]]);
    expect(() => withFiles(folders(), join(root, 'p'), { files: large, prune: false })).toThrowError(
      /larger than 1048576/,
    );
    const many = new Map(Array.from({ length: 2049 }, (_, index) => [`p${index}.yaml`, '']));
    expect(() => withFiles(folders(), join(root, 'p'), { files: many, prune: true })).toThrowError(/2049 files/);
    const full = Array.from({ length: 64 }, (_, index) => [`p${index}.yaml`, 'x'.repeat(1 << 20)] as const);
    const set = { files: new Map(full), prune: true };
    const next = withFiles(folders(), join(root, 'p'), set);
    const more = { files: new Map([['q.yaml', 'x']]), prune: false };
    expect(() => withFiles(next, join(root, 'p'), more)).toThrowError(/67108865 bytes in all, more than 67108864/);
  });
});
