import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { daemonPaths } from './paths.js';
import { releaseAfter } from './release-locks.js';
import { prepareAuditLog, preparePolicyHistory, prepareStateDirectory, prepareUsage } from './state-directory.js';

const SERVICE = { uid: 64999, gid: 64998 };
const ROOT = { uid: 0, gid: 0 };
const OTHER = 64997;

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leeward-state-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

const paths = () => daemonPaths({ stateDirectory: directory }, { uid: 0, home: '/root', env: {} });
const ownerOf = (path: string) => lstatSync(path).uid;

it('a state directory that others may write to is refused', () => {
  for (const mode of [0o777, 0o720, 0o1777]) {
    chmodSync(directory, mode);
    expect(() => prepareStateDirectory(paths())).toThrow(
      expect.objectContaining({
        code: 'LW_POLICY_UNSAFE_FILE',
        hint: expect.stringContaining(`chmod go-w ${directory}`),
      }),
    );
  }
  chmodSync(directory, 0o700);
  expect(() => prepareStateDirectory(paths())).not.toThrow();
});

describe.runIf(process.getuid?.() === 0)('a folder that root makes for a service (needs root)', () => {
  const folders = { usage: prepareUsage, audit: prepareAuditLog, policies: preparePolicyHistory };

  it.each(Object.entries(folders))('is handed over with what root has written there: %s', (_, prepare) => {
    const folder = prepare(paths());
    const outside = join(directory, 'outside');
    writeFileSync(outside, '');
    writeFileSync(join(folder, 'own'), '');
    symlinkSync(outside, join(folder, 'link'));
    expect(prepare(paths(), SERVICE)).toBe(folder);
    expect([folder, join(folder, 'own'), join(folder, 'link')].map(ownerOf)).toEqual([64999, 64999, 64999]);
    // What a link leads to is not there.
    expect(ownerOf(outside)).toBe(0);
  });

  it.each(Object.entries(folders))('is refused, and left as it is, when it is another user’s: %s', (_, prepare) => {
    const folder = prepare(paths());
    writeFileSync(join(folder, 'theirs'), '');
    for (const path of [folder, join(folder, 'theirs')]) chownSync(path, OTHER, OTHER);
    for (const owner of [ROOT, SERVICE]) {
      expect(() => prepare(paths(), owner)).toThrow(`${folder} belongs to uid ${OTHER}, not to root`);
      expect([folder, join(folder, 'theirs')].map(ownerOf)).toEqual([OTHER, OTHER]);
    }
  });

  it('stays as it is where root serves itself, with what others have written in it', () => {
    const folder = preparePolicyHistory(paths());
    writeFileSync(join(folder, 'theirs'), '');
    chownSync(join(folder, 'theirs'), OTHER, OTHER);
    preparePolicyHistory(paths(), ROOT);
    expect(ownerOf(join(folder, 'theirs'))).toBe(OTHER);
    expect(statSync(folder).uid).toBe(0);
  });

  it('is never where a link leads', () => {
    const elsewhere = join(directory, 'elsewhere');
    mkdirSync(elsewhere);
    symlinkSync(elsewhere, paths().policyHistory);
    expect(() => preparePolicyHistory(paths(), SERVICE)).toThrowError(/ENOTDIR|ELOOP/);
    expect(ownerOf(elsewhere)).toBe(0);
  });
});

describe('locks', () => {
  const lines: string[] = [];
  const log = pino({ base: null }, { write: (line: string) => void lines.push(line) });

  it('are released when nothing is written any more, also where that could not be written', async () => {
    const released: string[] = [];
    const locks = ['a', 'b'].map((name) => ({ release: () => void released.push(name) }));
    await releaseAfter(locks, [undefined, Promise.reject(new Error('full')), Promise.resolve()], log);
    expect(released).toEqual(['a', 'b']);
    expect(lines).toEqual([]);
  });

  it('are kept while a write hangs, beyond the end of waiting for it', async () => {
    let isReleased = false;
    let end = () => {};
    const hanging = new Promise<void>((resolve) => {
      end = resolve;
    });
    const lock = {
      release: () => {
        isReleased = true;
      },
    };
    await releaseAfter([lock], [hanging], log, 1);
    expect(isReleased).toBe(false);
    expect(lines).toEqual([expect.stringContaining('it stays locked until that has ended')]);
    end();
    await new Promise(setImmediate);
    expect(isReleased).toBe(true);
  });
});
