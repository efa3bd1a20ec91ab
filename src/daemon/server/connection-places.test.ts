import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LeewardError } from '../../errors/leeward-error.js';
import { ConnectionPlaces, type Guest } from './connection-places.js';

const ROOT = 0;
const OWN = 990;

/** A guest that is busy, and the tenant's only user. */
function busyOne(uid: number): Guest {
  return { uid, owner: `of-${uid}`, idleSince: () => undefined, giveWay: () => {} };
}

/** As many places as this user gets. */
function takeAll(places: ConnectionPlaces, uid: number): (() => void)[] {
  const taken: (() => void)[] = [];
  for (;;) {
    try {
      taken.push(places.take(busyOne(uid)));
    } catch (error) {
      expect(error).toMatchObject({ code: 'LW_DAEMON_BUSY', retryable: true });
      return taken;
    }
  }
}

describe('ConnectionPlaces', () => {
  it('gives one tenant as many places as it leaves, and says so', () => {
    const places = new ConnectionPlaces(256, [ROOT, OWN]);
    expect(takeAll(places, 1000)).toHaveLength(124);
    expect(() => places.take(busyOne(1000))).toThrow(
      'tenant of-1000 has 124 connections, and may not have more than are left for others',
    );
  });

  it('has a place for who has none, though many take what they can', () => {
    const places = new ConnectionPlaces(256, [ROOT, OWN]);
    expect([1000, 1001, 1002, 1003].map((uid) => takeAll(places, uid).length)).toEqual([124, 62, 31, 16]);
    expect(takeAll(places, 1004)).not.toHaveLength(0);
  });

  it('has none when all are taken and busy', () => {
    const places = new ConnectionPlaces(8, [ROOT, OWN]);
    for (let uid = 1000; uid < 1008; uid++) places.take(busyOne(uid));
    expect(() => places.take(busyOne(1008))).toThrow('8 clients are connected');
  });

  it('lets operators in when users have taken what they can, and each of them when the other one has', () => {
    const places = new ConnectionPlaces(256, [ROOT, OWN]);
    for (let uid = 1000; uid < 1256; uid++) takeAll(places, uid);
    expect(takeAll(places, OWN)).toHaveLength(4);
    expect(takeAll(places, ROOT)).toHaveLength(4);
    const others = new ConnectionPlaces(256, [ROOT, OWN]);
    expect(takeAll(others, OWN)).toHaveLength(252);
    expect(takeAll(others, ROOT)).toHaveLength(4);
  });

  it('keeps nothing for others where root is the daemon’s own user, and no user but root comes', () => {
    expect(takeAll(new ConnectionPlaces(256, [ROOT, ROOT]), ROOT)).toHaveLength(256);
  });

  it('counts the users of a tenant together', () => {
    const places = new ConnectionPlaces(256, [ROOT, OWN]);
    const ofTeam = (uid: number) => ({ ...busyOne(uid), owner: 'team' });
    for (let index = 0; index < 124; index++) places.take(ofTeam(1000 + (index % 2)));
    expect(() => places.take(ofTeam(1002))).toThrow('tenant team has 124 connections');
    places.take(busyOne(1003));
  });

  it('ends the longest idle connection of the tenant at its bound, and of whoever has most when all are taken', () => {
    const places = new ConnectionPlaces(8, [ROOT, OWN]);
    const ended: string[] = [];
    const take = (owner: string, uid: number, since: number | undefined) =>
      places.take({ uid, owner, idleSince: () => since, giveWay: () => ended.push(`${owner} ${since}`) });
    for (const since of [3, 1, undefined, 2]) take('a', 1000, since);
    take('a', 1000, 4);
    expect(ended).toEqual(['a 1']);
    for (const since of [1, 1]) take('b', 1001, since);
    take(ROOT.toString(), ROOT, 0);
    take('c', 1002, 9);
    expect(ended).toEqual(['a 1']);
    take('d', 1003, 9);
    take(OWN.toString(), OWN, 0);
    expect(ended).toEqual(['a 1', 'a 2', 'a 3']);
  });

  it('gives what was given back to the next one', () => {
    const places = new ConnectionPlaces(256, [ROOT, OWN]);
    const [first] = takeAll(places, 1000);
    first?.();
    places.take(busyOne(1000));
    expect(() => places.take(busyOne(1000))).toThrow('124 connections');
  });

  it('never has more than there are, nor an operator outside, whoever comes and goes', () => {
    const step = fc.record({
      uid: fc.constantFrom(ROOT, OWN, 1000, 1001, 1002),
      comes: fc.boolean(),
      times: fc.nat(80),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const places = new ConnectionPlaces(128, [ROOT, OWN]);
        const held = new Map<number, (() => void)[]>([ROOT, OWN, 1000, 1001, 1002].map((uid) => [uid, []]));
        for (const { uid, comes, times } of steps) {
          for (let time = 0; time < times; time++) {
            if (!comes) held.get(uid)?.pop()?.();
            else if (!attempt(() => held.get(uid)?.push(places.take(busyOne(uid))))) break;
          }
          const counts = [...held.values()].map(({ length }) => length);
          expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(128);
          for (const user of [1000, 1001, 1002]) expect(held.get(user)?.length).toBeLessThanOrEqual(64);
          for (const operator of [ROOT, OWN]) {
            if ((held.get(operator)?.length ?? 0) < 2) places.take(busyOne(operator))();
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});

function attempt(action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (error instanceof LeewardError) return false;
    throw error;
  }
}
