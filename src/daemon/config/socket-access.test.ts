import { describe, expect, it } from 'vitest';
import { groupId, socketAccess } from './socket-access.js';

const GROUPS = 'root:x:0:\nanalysts:x:1300:ann,bob\nanalysts-old:x:1301:\nbroken:x\n';

describe('the permissions of the socket', () => {
  it('are its owner’s alone, unless others are served', () => {
    expect(socketAccess({}, false)).toEqual({ mode: 0o600, gid: undefined });
    expect(socketAccess({}, true)).toEqual({ mode: 0o666, gid: undefined });
  });

  it('are what is asked for, whoever is served', () => {
    expect(socketAccess({ socketMode: 0o660, socketGroup: '1300' }, true)).toEqual({ mode: 0o660, gid: 1300 });
    expect(socketAccess({ socketMode: 0o600 }, true).mode).toBe(0o600);
  });
});

describe('the group of the socket', () => {
  it('is found by its whole name, or is a number', () => {
    expect([groupId('analysts', GROUPS), groupId('root', GROUPS), groupId('77', GROUPS)]).toEqual([1300, 0, 77]);
  });

  it.each(['analyst', 'broken', ''])('is refused when there is none: %j', (group) => {
    expect(() => groupId(group, GROUPS)).toThrow(`the group of the socket, '${group}', is not in /etc/group`);
  });
});
