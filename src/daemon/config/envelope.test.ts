import { describe, expect, it } from 'vitest';
import type { EnvelopeRoot } from '../../native/envelope.js';
import { keeperOptions } from './envelope.js';

const FACTS = {
  slotUidBase: 1000,
  slotCount: 2,
  poolUidBase: 2000,
  poolCount: 3,
  cgroupName: 'leeward',
  workspace: '/var/lib/leeward/workspace',
};

function optionsOf(root: EnvelopeRoot): string[] {
  return keeperOptions({ ...FACTS, roots: [root] }).slice(8);
}

describe("the keeper's options", () => {
  it('have ids, control group and workspace', () => {
    expect(keeperOptions({ ...FACTS, roots: [] })).toEqual([
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
});
