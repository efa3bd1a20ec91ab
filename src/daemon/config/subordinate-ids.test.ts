import { describe, expect, it } from 'vitest';
import { slotIdsOf } from './subordinate-ids.js';

const facts = {
  setting: undefined,
  user: 'ann',
  uid: 1001,
  subuid: 'root:1:0\nbob:100000:65536\nann:165536:65536\n',
  subgid: 'ann:231072:65536\n',
};

describe('the subordinate ids of a supervisor', () => {
  it('are parts of the range, one behind the other', () => {
    expect(slotIdsOf(facts, 0)).toEqual({ ids: { uidBase: 165536, gidBase: 231072, count: 4096 } });
    expect(slotIdsOf(facts, 15)).toEqual({ ids: { uidBase: 165536 + 61440, gidBase: 231072 + 61440, count: 4096 } });
    expect(slotIdsOf(facts, 16)).toEqual({ without: 'other daemons of ann use all of his subordinate ids' });
  });

  it('are the longest range, by name or number, and no more than both files have', () => {
    const subuid = 'ann:5000:10\n1001:7000:300\nann:0:9000\nann:4294960000:9000\nann:x:1\n';
    expect(slotIdsOf({ ...facts, subuid }, 0)).toEqual({ ids: { uidBase: 7000, gidBase: 231072, count: 300 } });
  });

  it.each([
    [{ subuid: '' }, '/etc/subuid gives ann no ids'],
    [{ subgid: 'bob:1:9\n' }, '/etc/subgid gives ann no ids'],
    [{ user: undefined }, 'uid 1001 has no entry in /etc/passwd'],
    [{ setting: 'off' }, 'LEEWARD_SUBORDINATE_IDS is off'],
  ])('are none with %o', (other, without) => {
    expect(slotIdsOf({ ...facts, ...other }, 0)).toEqual({ without });
  });

  it.each([
    '0:65536',
    '4294967295:1',
    '4294967290:10',
    '-5:10',
    '1e5:10',
    '0x10:10',
    '1.5:10',
    '99999999999999999999:5',
    '5:0',
  ])('are never root’s, beyond what a uid_t has, or no numbers: %s', (range) => {
    expect(slotIdsOf({ ...facts, subuid: `ann:${range}\n` }, 0)).toEqual({ without: '/etc/subuid gives ann no ids' });
  });

  it('are not guessed from a setting that is none', () => {
    expect(() => slotIdsOf({ ...facts, setting: 'yes' }, 0)).toThrow("LEEWARD_SUBORDINATE_IDS is 'yes'");
  });
});
