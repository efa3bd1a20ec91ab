import { describe, expect, it } from 'vitest';
import { ownerOf } from './host-id-owners.js';
import { hostIdsOf } from './host-ids.js';

const NONE = { '/etc/passwd': '', '/etc/group': '', '/etc/subuid': '', '/etc/subgid': '' };
const ids = { slotBase: 1000, slotCount: 10, poolBase: 2000, poolCount: 5 };

describe('ownerOf', () => {
  it.each([
    ['/etc/passwd', 'ann:x:1000:100::/:/bin/sh', '/etc/passwd gives ann 1000'],
    ['/etc/passwd', 'ann:x:1009:100::/:/bin/sh', '/etc/passwd gives ann 1009'],
    ['/etc/group', 'staff:x:2004:ann', '/etc/group gives staff 2004'],
    ['/etc/subuid', 'ann:500:501', '/etc/subuid gives ann 500 to 1000'],
    ['/etc/subgid', 'ann:2004:65536', '/etc/subgid gives ann 2004 to 67539'],
    ['/etc/subuid', 'ann:0:4294967295', '/etc/subuid gives ann 0 to 4294967294'],
  ])('finds who has an id by %s: %s', (file, line, owner) => {
    expect(ownerOf(ids, { ...NONE, [file]: `root:x:0:0:::\n${line}\n` })).toBe(owner);
  });

  it.each([
    ['/etc/passwd', 'ann:x:999:1005::/:/bin/sh'],
    ['/etc/passwd', 'ann:x:1010:100::/:/bin/sh'],
    ['/etc/subuid', 'ann:500:500'],
    ['/etc/subgid', 'ann:2005:10'],
    ['/etc/group', 'no line of it'],
    ['/etc/group', '+:::'],
  ])('lets others have theirs, %s: %s', (file, line) => {
    expect(ownerOf(ids, { ...NONE, [file]: `${line}\n` })).toBeUndefined();
  });

  it('finds none in the usual ranges of users and subordinate ids', () => {
    const usual = {
      ...NONE,
      '/etc/passwd': 'ann:x:1000:1000:::\nbob:x:60001:60001:::',
      '/etc/subuid': 'ann:100000:65536',
    };
    expect(ownerOf(hostIdsOf(0), usual)).toBeUndefined();
  });
});
