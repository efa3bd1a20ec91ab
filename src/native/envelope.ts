import type { ConfigMessage, EnvelopeMessage } from '../plan/layout.gen.js';

/** What root allows a supervisor at its start; nothing that a daemon says later widens it. Message `envelope` of the plan layout. */
export type SupervisorEnvelope = Omit<EnvelopeMessage, 'type' | 'id'>;
export type EnvelopePeer = SupervisorEnvelope['peers'][number];
export type EnvelopeRoot = SupervisorEnvelope['roots'][number];

/**
 * For a supervisor that is started by a process with all of root's rights, and serves nobody else: it may use what root may.
 * Undefined for other users, whose own rights are the bound.
 */
export function ownEnvelope(config: Omit<ConfigMessage, 'type' | 'id'>): SupervisorEnvelope | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const { slotUidBase, slotCount, poolUidBase, poolCount, cgroupName, workspace } = config;
  return {
    slotUidBase,
    slotCount,
    poolUidBase,
    poolCount,
    daemonUid: 0,
    daemonGid: 0,
    cgroupName,
    workspace,
    peers: [{ who: 'uid', hostId: 0 }],
    roots: [{ path: '/', flags: ['request', 'source', 'device', 'writable'], who: 'every_peer', hostId: 0 }],
  };
}
