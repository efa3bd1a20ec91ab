import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { daemonPaths, PACKAGE_ROOT, processFacts } from './paths.js';

const root = { uid: 0, home: '/root', env: {} };
const user = { uid: 1000, home: '/home/u', env: { XDG_RUNTIME_DIR: '/run/user/1000' } };
const shipped = { path: join(PACKAGE_ROOT, 'policies'), required: false };

describe('daemonPaths', () => {
  it('uses the places of the system for root', () => {
    expect(daemonPaths({}, root)).toEqual({
      stateDirectory: '/var/lib/leeward',
      socket: '/var/run/leeward.sock',
      workspace: '/var/lib/leeward/workspace',
      runtimes: '/var/lib/leeward/runtimes',
      policyHistory: '/var/lib/leeward/policies',
      auditLog: '/var/lib/leeward/audit',
      policyDirectories: [{ path: '/etc/leeward/policies', required: false }, shipped],
    });
  });

  it('uses the XDG places for a user, whose policies come before the system’s', () => {
    expect(daemonPaths({ policyDirectories: ['/srv/p'] }, user)).toEqual({
      stateDirectory: '/home/u/.local/state/leeward',
      socket: '/run/user/1000/leeward/leeward.sock',
      workspace: '/home/u/.local/state/leeward/workspace',
      runtimes: '/home/u/.local/state/leeward/runtimes',
      policyHistory: '/home/u/.local/state/leeward/policies',
      auditLog: '/home/u/.local/state/leeward/audit',
      policyDirectories: [
        { path: '/srv/p', required: true },
        { path: '/home/u/.config/leeward/policies', required: false },
        { path: '/etc/leeward/policies', required: false },
        shipped,
      ],
    });
  });

  it('prefers options to the environment', () => {
    const env = { LEEWARD_STATE_DIR: '/e', LEEWARD_SOCKET: '/e.sock' };
    expect(daemonPaths({ stateDirectory: '/o', socket: '/o.sock' }, { ...user, env })).toMatchObject({
      stateDirectory: '/o',
      socket: '/o.sock',
    });
    expect(daemonPaths({}, { ...user, env })).toMatchObject({ stateDirectory: '/e', socket: '/e.sock' });
  });

  it('are root’s for a service, whoever it runs as', () => {
    expect([processFacts().uid, processFacts(true).uid]).toEqual([process.getuid?.(), 0]);
  });

  it('knows the folder of the package', () => {
    expect(existsSync(join(PACKAGE_ROOT, 'package.json'))).toBe(true);
  });
});
