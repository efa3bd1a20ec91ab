import { describe, expect, it } from 'vitest';
import { ownSocket, socketCandidates, stateDirectoryOf } from './socket-path.js';

const user = { uid: 1000, env: {}, stateDirectory: '/home/u/.local/state/leeward' };

describe('socket paths', () => {
  it.each([
    [{ ...user, env: { LEEWARD_SOCKET: '/srv/l.sock' } }, ['/srv/l.sock']],
    [{ ...user, uid: 0, env: { XDG_RUNTIME_DIR: '/run/user/0' } }, ['/var/run/leeward.sock']],
    [
      { ...user, env: { XDG_RUNTIME_DIR: '/run/user/1000' } },
      ['/run/user/1000/leeward/leeward.sock', '/var/run/leeward.sock'],
    ],
    [
      { ...user, env: { XDG_RUNTIME_DIR: 'relative' } },
      ['/home/u/.local/state/leeward/leeward.sock', '/var/run/leeward.sock'],
    ],
  ])('%j', (facts, candidates) => {
    expect(socketCandidates(facts)).toEqual(candidates);
    expect(ownSocket(facts)).toBe(candidates[0]);
  });

  it('refuses what cannot be a socket path', () => {
    expect(() => ownSocket({ ...user, env: { LEEWARD_SOCKET: 'l.sock' } })).toThrow(
      "LEEWARD_SOCKET is 'l.sock', not an absolute path",
    );
    expect(() => ownSocket({ ...user, env: { LEEWARD_SOCKET: `/${'é'.repeat(54)}` } })).toThrow(
      'longer than the 107 bytes',
    );
  });
});

describe('stateDirectoryOf', () => {
  it.each([
    [{ uid: 0, env: {}, home: '/root' }, '/var/lib/leeward'],
    [{ uid: 0, env: { LEEWARD_STATE_DIR: '/srv/state/' }, home: '/root' }, '/srv/state'],
    [{ uid: 5, env: { XDG_STATE_HOME: '/home/u/state' }, home: '/home/u' }, '/home/u/state/leeward'],
    [{ uid: 5, env: {}, home: '/home/u' }, '/home/u/.local/state/leeward'],
  ])('%j', (facts, path) => {
    expect(stateDirectoryOf(facts)).toBe(path);
  });
});
