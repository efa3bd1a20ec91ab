import { describe, expect, it } from 'vitest';
import type { EnvelopeRoot } from '../../native/envelope.js';
import type { CheckedTenant } from '../../policy/types.js';
import { envelopePeers, keeperOptions } from './envelope.js';

const FACTS = {
  slotUidBase: 1000,
  slotCount: 2,
  poolUidBase: 2000,
  poolCount: 3,
  cgroupName: 'leeward',
  workspace: '/var/lib/leeward/workspace',
};

function optionsOf(root: EnvelopeRoot): string[] {
  return keeperOptions({ ...FACTS, roots: [root], peers: [] }).slice(8);
}

describe("the keeper's options", () => {
  it('have ids, control group and workspace', () => {
    expect(keeperOptions({ ...FACTS, roots: [], peers: [] })).toEqual([
      ...['--slot-uids', '1000:2', '--pool-uids', '2000:3'],
      ...['--cgroup', 'leeward', '--workspace', '/var/lib/leeward/workspace'],
    ]);
  });

  it('say the mode of each root, so that no path can be taken for another with a mode', () => {
    const root = { path: '/data/tools:rw', who: 'every_peer', hostId: 0 } as const;
    expect(optionsOf({ ...root, flags: ['source'] })).toEqual(['--source', '/data/tools:rw:ro']);
    expect(optionsOf({ ...root, flags: ['request', 'writable'] })).toEqual(['--request-root', '/data/tools:rw:rw']);
  });

  it('name whose a root is', () => {
    const root = { path: '/data', flags: ['request'], who: 'uid', hostId: 5 } as const;
    expect(optionsOf({ ...root, flags: ['request'] })).toEqual(['--request-root', 'uid:5=/data:ro']);
  });

  it('name whom jobs may run for', () => {
    const peers = [
      { who: 'uid', hostId: 0 },
      { who: 'gid', hostId: 1300 },
    ] as const;
    expect(keeperOptions({ ...FACTS, roots: [], peers }).slice(8)).toEqual(['--peer', 'uid:0', '--peer', 'gid:1300']);
  });
});

describe('the peers of a service', () => {
  const tenant = (uids: number[], gids: number[] = []) => ({ uids, gids }) as unknown as CheckedTenant;

  it('are the operators and all who belong to a tenant', () => {
    const ids = envelopePeers([tenant([1201, 1202]), tenant([], [1300])], 64999).map(
      ({ who, hostId }) => `${who}:${hostId}`,
    );
    expect(ids).toEqual(['uid:0', 'uid:64999', 'uid:1201', 'uid:1202', 'gid:1300']);
    expect(envelopePeers([tenant([7])], 0)).toHaveLength(2);
    expect(envelopePeers([], 64999)).toEqual([]);
  });

  it('are no more than an envelope holds', () => {
    const many = Array.from({ length: 1023 }, (_, index) => 2000 + index);
    expect(envelopePeers([tenant(many)], 0)).toHaveLength(1024);
    expect(() => envelopePeers([tenant(many)], 64999)).toThrow('1023 user and group ids, more than the 1022');
  });
});
