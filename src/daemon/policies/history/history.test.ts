import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HangingFile } from '../../../../test/harness/hanging-file.js';
import type { LeewardError } from '../../../errors/leeward-error.js';
import { FrozenFolders } from '../frozen-folders.js';
import type { Generation } from '../generations/generation.js';
import { liveFolders } from '../open-library.js';
import { PolicyHistory } from './history.js';
import type { Origin } from './record.js';
import { digestOf } from './text-store.js';
import { sweepUnfinished } from './unfinished.js';

const ORIGIN: Origin = { act: 'change', author: null, message: null };
const PIN = { version: 1, time: '2026-07-01T12:00:00.000Z', author: { uid: 7, name: 'ann' }, message: 'why' } as const;
const me = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

let root: string;
let policies: string;
let problems: (string | undefined)[];
let left: string[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'leeward-history-'));
  policies = join(root, 'policies');
  mkdirSync(join(root, 'kept'), { mode: 0o700 });
  mkdirSync(join(policies, 'runtimes'), { recursive: true });
  problems = [];
  left = [];
});

afterEach(() => rmSync(root, { recursive: true }));

const onProblem = (error: LeewardError | undefined) => void problems.push(error?.message);
const onLeft = (error: LeewardError) => void left.push(error.message);
const MOST = 4;
const open = () => new PolicyHistory({ folder: join(root, 'kept'), trust: me, most: MOST, onProblem, onLeft });
const kept = (name = '') => join(root, 'kept', name);
const names = () => readdirSync(kept()).sort();

function write(name: string, text: string): void {
  writeFileSync(join(policies, name), text);
  chmodSync(join(policies, name), 0o644);
}

const frozen = () => FrozenFolders.read([{ path: policies, required: true }], liveFolders());

/** A generation of the folder as it is now, of which nothing is compared. */
async function served(history: PolicyHistory, origin = ORIGIN): Promise<FrozenFolders> {
  const folders = await frozen();
  const generation = { number: history.numberOf(folders), loadedAt: new Date(), folders } as Generation;
  history.serves(generation, origin, undefined);
  await history.settled();
  return folders;
}

describe('the history of policies', () => {
  it('gives a number to each state of the folders, and the same one after a restart while nothing has changed', async () => {
    write('mine.yaml', 'one');
    const history = open();
    expect(history.numberOf(await frozen())).toBe(1);
    await served(history);
    expect(open().numberOf(await frozen())).toBe(1);
    write('mine.yaml', 'two');
    expect(open().numberOf(await frozen())).toBe(2);
    await served(history);
    // A state that was there before is another generation all the same.
    write('mine.yaml', 'one');
    expect(history.numberOf(await frozen())).toBe(3);
    expect(open().numberOf(await frozen())).toBe(3);
  });

  it('has all files of a generation as they were, also those that could not be read', async () => {
    write('mine.yaml', 'text');
    write('broken.yaml', 'text');
    chmodSync(join(policies, 'broken.yaml'), 0o666);
    write('runtimes/__proto__', 'a lock');
    const history = open();
    const before = await served(history);
    rmSync(policies, { recursive: true });
    const after = history.folders(history.record(1));
    expect(after.data.directories).toEqual(before.data.directories);
    expect(after.digest).toBe(before.digest);
    expect(after.read(join(policies, 'mine.yaml'))).toBe('text');
    expect(() => after.read(join(policies, 'broken.yaml'))).toThrowError(/writable by others/);
    expect(after.list(join(policies, 'runtimes'))).toEqual(['__proto__']);
  });

  it('has who made a generation, and what is said of it', async () => {
    write('mine.yaml', 'text');
    const origin: Origin = { act: 'change', author: { uid: 7, name: 'ann' }, message: 'as asked' };
    await served(open(), origin);
    expect(open().record(1)).toMatchObject({ number: 1, ...origin, changes: null });
  });

  it('keeps each text once, for its owner alone, and none that no generation has', async () => {
    write('mine.yaml', 'same');
    write('other.yaml', 'same');
    const history = open();
    await served(history);
    expect(names().filter((name) => name.startsWith('text-'))).toHaveLength(1);
    for (let number = 2; number <= MOST + 2; number++) {
      write('mine.yaml', `text ${number}`);
      await served(history);
    }
    const numbers = history.numbers();
    expect([numbers.length, numbers[0], numbers.at(-1)]).toEqual([MOST, MOST + 2, 3]);
    expect(names().filter((name) => name.startsWith('text-'))).toHaveLength(MOST + 1);
    expect(() => history.record(2)).toThrowError('there is no generation 2: those from 3 to 6 are kept');
  });

  it('goes on after a crash in the middle of writing', async () => {
    write('mine.yaml', 'text');
    writeFileSync(kept('generation-1.json.new'), '{"version":1,"num');
    writeFileSync(kept(`text-${'0'.repeat(64)}.new`), 'te');
    const history = open();
    expect(history.numberOf(await frozen())).toBe(1);
    await served(history);
    expect(open().numbers()).toEqual([1]);
    expect(problems).toEqual([]);
  });

  it('keeps what is pinned, however old it is, and who has pinned it, over a restart', async () => {
    const history = open();
    for (let number = 1; number <= MOST + 2; number++) {
      write('mine.yaml', `text ${number}`);
      await served(history);
      if (number === 1) await history.setPin({ ...PIN, generation: 1 });
    }
    expect(history.numbers()).toEqual([6, 5, 4, 3, 1]);
    expect(open().pin).toEqual({ ...PIN, generation: 1 });
    const directories = [{ path: policies, required: true }];
    expect(open().servable(1, directories).read(join(policies, 'mine.yaml'))).toBe('text 1');
    const elsewhere = () => open().servable(1, [{ path: '/elsewhere', required: true }]);
    expect(elsewhere).toThrowError(`generation 1 is of other folders: ${policies}`);
    await history.setPin(undefined);
    expect(open().pin).toBeUndefined();
    await history.setPin(undefined);
  });

  it('pins nothing that it does not have', async () => {
    await expect(open().setPin({ ...PIN, generation: 1 })).rejects.toThrowError(/there is no generation 1/);
    expect(open().pin).toBeUndefined();
  });

  it('does not begin with a pin that it did not write', async () => {
    writeFileSync(kept('pin.json'), '{"version":1,"generation":"2"}');
    expect(open).toThrowError(/pin.json is not as it was written/);
    writeFileSync(kept('pin.json'), '');
    expect(open).toThrowError(/pin.json is not as it was written/);
  });

  it('says what is damaged, and never takes it for what it was', async () => {
    write('mine.yaml', 'text');
    await served(open());
    const text = names().find((name) => name.startsWith('text-')) ?? '';
    writeFileSync(kept(text), 'another text');
    expect(() => open().folders(open().record(1))).toThrowError(/is damaged: .*text-[0-9a-f]+ has another digest/);
    rmSync(kept(text));
    expect(() => open().folders(open().record(1))).toThrowError(/is damaged: .*text-[0-9a-f]+ is missing/);
    writeFileSync(kept('generation-1.json'), JSON.stringify({ ...open().record(1), digest: '0' }));
    expect(() => open().record(1)).toThrowError(/is damaged: .*generation-1.json is not as it was written/);
    expect(problems.at(-1)).toContain('generation-1.json');
    // Its number is taken all the same.
    expect(open().numberOf(await frozen())).toBe(2);
  });

  it('goes on removing what is old when a record is damaged, and keeps all texts while that one is young', async () => {
    const history = open();
    for (let number = 1; number <= 2 * MOST; number++) {
      write('mine.yaml', `text ${number}`);
      await served(history);
      if (number === MOST) writeFileSync(kept(`generation-${number}.json`), Buffer.from([0xff]));
    }
    // This one has not looked at any record yet.
    const next = open();
    write('mine.yaml', 'last');
    writeFileSync(kept(`generation-${MOST + 2}.json`), 'damaged');
    await served(next);
    expect(next.numbers()).toEqual([9, 8, 7, 6]);
    expect(names().filter((name) => name.startsWith('text-')).length).toBeGreaterThan(MOST);
    for (let number = 1; number <= MOST; number++) {
      write('mine.yaml', `more ${number}`);
      await served(next);
    }
    expect(next.numbers()).toEqual([13, 12, 11, 10]);
    expect(names().filter((name) => name.startsWith('text-'))).toHaveLength(MOST);
    expect(problems).toEqual([]);
  });

  it('goes on removing what is old beside a record that cannot be read, names it once, and keeps all that it may name', async () => {
    const history = open();
    const serve = async (count: number) => {
      for (let number = 1; number <= count; number++) {
        write('mine.yaml', `text ${names().length} ${number}`);
        await served(history);
      }
    };
    await serve(3);
    const [whole, unsafe] = [kept('generation-1.json'), kept('generation-2.json')];
    renameSync(whole, kept('whole'));
    // Whoever reads there is told EIO.
    symlinkSync('/proc/self/mem', whole);
    chmodSync(unsafe, 0o666);
    const next = open();
    write('mine.yaml', 'last');
    await served(next);
    for (let number = 1; number <= 2 * MOST; number++) {
      write('mine.yaml', `more ${number}`);
      await served(next);
    }
    expect(next.numbers()).toEqual([12, 11, 10, 9, 2, 1]);
    expect(names().filter((name) => name.startsWith('text-'))).toHaveLength(12);
    expect(left).toEqual([
      expect.stringMatching(/^generation 2 cannot be read, .*generation-2.json is writable by others/),
      expect.stringMatching(/^generation 1 cannot be read, .*mem cannot be read: EIO$/),
    ]);
    expect(next.problems.map(({ message }) => message)).toEqual(left);
    expect(problems).toEqual([]);

    renameSync(kept('whole'), whole);
    chmodSync(unsafe, 0o600);
    write('mine.yaml', 'readable');
    await served(next);
    expect(next.numbers()).toEqual([13, 12, 11, 10]);
    expect(names().filter((name) => name.startsWith('text-'))).toHaveLength(MOST);
    expect(next.problems).toEqual([]);
  });

  it('goes on removing what is old beside what cannot be removed, and names it', async () => {
    const history = open();
    write('mine.yaml', 'one');
    await served(history);
    rmSync(kept('generation-1.json'));
    mkdirSync(kept('generation-1.json'));
    for (let number = 1; number <= MOST + 1; number++) {
      write('mine.yaml', `more ${number}`);
      await served(history);
    }
    expect(history.numbers()).toEqual([6, 5, 4, 3, 1]);
    expect(left).toEqual([expect.stringMatching(/generation-1.json .* cannot be removed: E/)]);
    expect(problems).toEqual([]);
  });

  it('removes what was never finished when a daemon begins, and nothing else', async () => {
    const text = `text-${'0'.repeat(64)}`;
    const own = ['generation-7.json.new', `${text}.new`, 'pin.json.new'];
    const others = ['generation-0.json.new', 'mine.new', text];
    for (const name of [...own, ...others]) writeFileSync(kept(name), 'te');
    expect(sweepUnfinished(kept())).toEqual([]);
    expect(names()).toEqual(others.sort());
    mkdirSync(kept('pin.json.new'));
    expect(sweepUnfinished(kept())).toEqual([expect.stringMatching(/pin.json.new, .* cannot be removed: E/)]);
    expect(sweepUnfinished(kept('nowhere'))).toEqual([expect.stringMatching(/nowhere cannot be swept: ENOENT$/)]);
  });

  it('leaves nothing of a write that fails', async () => {
    write('mine.yaml', 'text');
    const history = open();
    mkdirSync(kept('generation-1.json'));
    const folders = await frozen();
    const generation = { number: 1, loadedAt: new Date(), folders } as Generation;
    await expect(history.keep(generation, ORIGIN, [])).rejects.toThrowError();
    expect(names().filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  it('gives up what is not recorded yet, and says when nothing is written any more', async () => {
    write('mine.yaml', 'text');
    const history = open();
    const folders = await frozen();
    const generation = { number: 1, loadedAt: new Date(), folders } as Generation;
    const hanging = new HangingFile(kept(`text-${digestOf('text')}`));
    const keeping = history.keep(generation, ORIGIN, []);
    await hanging.reached();
    let isOver = false;
    const over = history.giveUp().then(() => {
      isOver = true;
    });
    const late = history.setPin(undefined);
    await new Promise(setImmediate);
    expect(isOver).toBe(false);
    hanging.release();
    await expect(keeping).rejects.toMatchObject({ code: 'LW_DAEMON_SHUTTING_DOWN' });
    await over;
    await late;
    expect(names()).toEqual([`text-${digestOf('text')}`]);
    await expect(history.keep(generation, ORIGIN, [])).rejects.toMatchObject({ code: 'LW_DAEMON_SHUTTING_DOWN' });
    expect(names()).toEqual([`text-${digestOf('text')}`]);
  });

  it('mends a damaged text when a generation has it still', async () => {
    write('mine.yaml', 'text');
    const history = open();
    await served(history);
    const text = names().find((name) => name.startsWith('text-')) ?? '';
    writeFileSync(kept(text), 'damaged');
    write('other.yaml', 'other');
    await served(open());
    expect(open().folders(open().record(1)).read(join(policies, 'mine.yaml'))).toBe('text');
    writeFileSync(kept(text), 'damaged');
    expect(() => history.folders(history.record(1))).toThrowError(/has another digest/);
    write('other.yaml', 'another');
    await served(history);
    expect(history.folders(history.record(1)).read(join(policies, 'mine.yaml'))).toBe('text');
    // Nobody has looked since it was taken away.
    rmSync(kept(text));
    write('other.yaml', 'a third');
    await served(history);
    expect(open().folders(open().record(1)).read(join(policies, 'mine.yaml'))).toBe('text');
  });

  it.each([
    { author: { uid: 8 } },
    { message: 'another' },
    { time: '2026-07-01T12:00:00.000Z' },
    { changes: 'boo' },
    { folders: [] },
  ])('does not take a record for its own of which a part is another: %j', async (part) => {
    write('mine.yaml', 'text');
    await served(open());
    const record = JSON.parse(readFileSync(kept('generation-1.json'), 'utf8'));
    writeFileSync(kept('generation-1.json'), JSON.stringify(record));
    expect(open().record(1)).toMatchObject({ number: 1 });
    writeFileSync(kept('generation-1.json'), JSON.stringify({ ...record, ...part }));
    expect(() => open().record(1)).toThrowError(/is not as it was written/);
  });

  it('tells once that it cannot be written, and records the next generation when it can again', async () => {
    write('mine.yaml', 'one');
    const history = open();
    rmSync(kept(), { recursive: true });
    await served(history);
    write('mine.yaml', 'two');
    await served(history);
    expect(problems).toEqual([expect.stringMatching(/^the history of policies cannot be .* ENOENT$/)]);
    expect(history.problems.map(({ code }) => code)).toEqual(['LW_POLICY_HISTORY']);
    mkdirSync(kept(), { mode: 0o700 });
    write('mine.yaml', 'three');
    await served(history);
    expect(problems).toEqual([expect.any(String), undefined]);
    expect(open().numbers()).toEqual([3]);
  });
});
