import type { SupervisorConfig } from '../../src/native/supervisor.js';

type Own = Pick<SupervisorConfig, 'cgroupName' | 'workspace'> & Partial<SupervisorConfig>;

/** What a test's supervisor is told: patience as a daemon's, ids that no user has, and what the test says itself. */
export function testSupervisorConfig(own: Own): SupervisorConfig {
  return {
    slotUidBase: 1_950_000_000,
    slotGidBase: 1_950_000_000,
    slotCount: 64,
    poolUidBase: 1_950_008_000,
    poolCount: 8,
    landlockAbiCap: 0xffff_ffff,
    openDeadlineMs: 30_000,
    openHangingMax: 4,
    workerDeadlineMs: 20_000,
    poolDeadlineMs: 120_000,
    daemonPid: 0,
    ...own,
  };
}
