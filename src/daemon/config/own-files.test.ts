import { chmodSync, chownSync, lchownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listenOn, removeSocketFile } from '../server/socket-file.js';
import { type DaemonPaths, daemonPaths } from './paths.js';
import {
  claimInstance,
  lockDaemon,
  prepareAuditLog,
  preparePolicyHistory,
  prepareStateDirectory,
  prepareUsage,
} from './state-directory.js';

const OTHER = 64998;
let state: string;
let paths: DaemonPaths;

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'leeward-own-'));
  paths = daemonPaths({ stateDirectory: state }, { uid: process.getuid?.() ?? 0, home: state, env: {} });
});

afterEach(() => rmSync(state, { recursive: true }));

const flock = () => true;
/** What a daemon takes up again: who does, which folder, and a file in it. */
const TAKEN: readonly (readonly [string, (paths: DaemonPaths) => unknown, string, string | undefined])[] = [
  ['workspace', prepareStateDirectory, 'workspace', undefined],
  ['usage', prepareUsage, 'usage', 'cpu-usage.json'],
  ['audit log', prepareAuditLog, 'audit', 'audit.ndjson'],
  ['history', preparePolicyHistory, 'policies', undefined],
  ['numbers', (all) => claimInstance(all, flock).release(), 'instances', '1'],
  ['lock', (all) => lockDaemon(all, flock).release(), '.', 'daemon.lock'],
];

describe.each(TAKEN)('a daemon’s own %s', (_, take, folderName, fileName) => {
  const make = () => {
    const folder = join(state, folderName);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (fileName !== undefined) writeFileSync(join(folder, fileName), '', { mode: 0o600 });
    return { folder, file: fileName === undefined ? undefined : join(folder, fileName) };
  };
  const refusal = (path: string, mode: string) =>
    expect.objectContaining({
      code: 'LW_POLICY_UNSAFE_FILE',
      message: expect.stringContaining(`${path} is writable by others (mode ${mode}, group `),
      hint: `run \`chmod go-w ${path}\``,
    });

  it('is taken up again as it was left', () => {
    take(paths);
    expect(() => take(paths)).not.toThrow();
    make();
    expect(() => take(paths)).not.toThrow();
  });

  it('is refused when others may write to it', () => {
    const { folder, file } = make();
    // The state folder itself has its own test.
    for (const mode of folderName === '.' ? [] : [0o777, 0o1777]) {
      chmodSync(folder, mode);
      expect(() => take(paths)).toThrow(refusal(folder, mode.toString(8)));
      chmodSync(folder, 0o700);
    }
    if (file === undefined) return;
    chmodSync(file, 0o666);
    expect(() => take(paths)).toThrow(refusal(file, '666'));
  });

  it.runIf(process.getuid?.() === 0)('is refused when it is somebody else’s (needs root)', () => {
    const { folder, file } = make();
    const path = file ?? folder;
    chownSync(path, OTHER, OTHER);
    expect(() => take(paths)).toThrow(`${path} belongs to uid ${OTHER}, not to root or uid 0`);
  });
});

describe.runIf(process.getuid?.() === 0)('the folder of a service’s audit log (needs root)', () => {
  const owner = { uid: OTHER, gid: OTHER };

  it('may be its user’s, with files of him and of root', () => {
    const folder = prepareAuditLog(paths, owner);
    for (const [name, uid] of [
      ['audit.ndjson', OTHER],
      ['audit.ndjson.next', 0],
    ] as const) {
      writeFileSync(join(folder, name), '', { mode: 0o640 });
      chownSync(join(folder, name), uid, uid);
    }
    expect(prepareAuditLog(paths, owner)).toBe(folder);
  });

  it('is neither a third one’s, nor has files of him', () => {
    const folder = prepareAuditLog(paths, owner);
    const file = join(folder, 'audit.ndjson');
    writeFileSync(file, '', { mode: 0o640 });
    chownSync(file, OTHER - 1, OTHER);
    const said = `belongs to uid ${OTHER - 1}, not to root or uid ${OTHER}`;
    expect(() => prepareAuditLog(paths, owner)).toThrow(`${file} ${said}`);
    rmSync(file);
    chownSync(folder, OTHER - 1, OTHER);
    expect(() => prepareAuditLog(paths, owner)).toThrow(`${folder} ${said}`);
  });
});

describe('a link in a folder of the daemon', () => {
  it('has no mode, and is refused when it is somebody else’s', () => {
    const link = join(prepareUsage(paths), 'link');
    symlinkSync('/nowhere', link);
    expect(() => prepareUsage(paths)).not.toThrow();
    if (process.getuid?.() !== 0) return;
    lchownSync(link, OTHER, OTHER);
    expect(() => prepareUsage(paths)).toThrow(`${link} belongs to uid ${OTHER}, not to root or uid 0`);
  });
});

describe('the folder of a socket', () => {
  const listenIn = async (mode: number) => {
    const folder = join(state, 'run');
    mkdirSync(folder);
    chmodSync(folder, mode);
    const server = createServer();
    try {
      removeSocketFile(await listenOn(server, join(folder, 's'), { mode: 0o600, gid: undefined }));
    } finally {
      server.close();
    }
  };

  it.each([0o700, 0o755, 0o1777])('may have the mode %o', async (mode) => {
    await expect(listenIn(mode)).resolves.toBeUndefined();
  });

  it.each([0o777, 0o2777])('may not be open to others: mode %o', async (mode) => {
    await expect(listenIn(mode)).rejects.toMatchObject({
      code: 'LW_POLICY_UNSAFE_FILE',
      message: expect.stringContaining(`${join(state, 'run')} is writable by others (mode ${mode.toString(8)}`),
      hint: `run \`chmod go-w ${join(state, 'run')}\``,
    });
  });
});
