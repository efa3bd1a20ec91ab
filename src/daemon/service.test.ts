import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { daemonPaths } from './config/paths.js';
import { prepareLock, prepareUsage } from './config/state-directory.js';
import { serviceUser } from './service.js';
import { takeKeeperDescriptors } from './supervisor/kept-supervisors.js';

const PASSWD = 'root:x:0:0::/root:/bin/sh\nleeward:x:64999:64999::/nonexistent:/usr/sbin/nologin\n';
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leeward-service-'));
  mkdirSync(join(directory, 'inner'));
  writeFileSync(join(directory, 'inner', 'file'), '');
});

afterEach(() => rmSync(directory, { recursive: true }));

describe('serviceUser', () => {
  it('is leeward when there is one who reaches what is needed, else root', () => {
    const needed = [join(directory, 'inner', 'file')];
    chmodSync(directory, 0o755);
    expect(serviceUser(PASSWD, needed)).toEqual({ name: 'leeward', uid: 64999, gid: 64999 });
    expect(serviceUser('root:x:0:0::/root:/bin/sh\n', needed)).toEqual({ name: 'root', uid: 0, gid: 0 });
    chmodSync(directory, 0o700);
    expect(serviceUser(PASSWD, needed)).toEqual({ name: 'root', uid: 0, gid: 0 });
  });
});

describe.runIf(process.getuid?.() === 0)('the folder of a service’s usage (needs root)', () => {
  it('is its daemon’s alone, also when root has had it', () => {
    const paths = daemonPaths({ stateDirectory: directory }, { uid: 0, home: '/root', env: {} });
    for (const owner of [
      { uid: 0, gid: 0 },
      { uid: 64999, gid: 64998 },
    ]) {
      if (owner.uid !== 0) writeFileSync(join(directory, 'usage', 'record'), '');
      const { uid, gid, mode } = statSync(prepareUsage(paths, owner));
      expect({ uid, gid, mode: mode & 0o7777 }).toEqual({ ...owner, mode: 0o700 });
    }
    // What root wrote there is the daemon's now, who finds it.
    expect(statSync(join(directory, 'usage', 'record')).uid).toBe(64999);
    // A daemon of root's takes over nothing of it.
    expect(() => prepareUsage(paths)).toThrow('usage belongs to uid 64999, not to root or uid 0');
  });
});

describe.runIf(process.getuid?.() === 0)('the lock of a service (needs root)', () => {
  it('can be held by its daemon alone', () => {
    const paths = daemonPaths({ stateDirectory: directory }, { uid: 0, home: '/root', env: {} });
    writeFileSync(join(directory, 'daemon.lock'), '', { mode: 0o644 });
    prepareLock(paths, 64999);
    const { uid, gid, mode } = statSync(join(directory, 'daemon.lock'));
    expect({ uid, gid, mode: mode & 0o7777 }).toEqual({ uid: 0, gid: 64999, mode: 0o640 });
  });
});

describe('takeKeeperDescriptors', () => {
  it('takes the three numbers out of the environment', () => {
    const env = { LEEWARD_SUPERVISOR_FD: '4', LEEWARD_KEEPER_FD: '5', LEEWARD_LISTEN_FD: '3', HOME: '/' };
    expect(takeKeeperDescriptors(env)).toEqual({ listen: 3, supervisor: 4, keeper: 5 });
    expect(env).toEqual({ HOME: '/' });
    expect(takeKeeperDescriptors(env)).toBeUndefined();
  });

  it.each([
    { LEEWARD_SUPERVISOR_FD: '4' },
    { LEEWARD_SUPERVISOR_FD: '4', LEEWARD_KEEPER_FD: '5', LEEWARD_LISTEN_FD: 'x' },
  ])('refuses %j', (env) => {
    expect(() => takeKeeperDescriptors({ ...env })).toThrow(/^LEEWARD_(KEEPER|LISTEN)_FD is '.*', not a descriptor$/);
  });
});
