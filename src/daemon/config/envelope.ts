import { LeewardError } from '../../errors/leeward-error.js';
import type { EnvelopePeer, EnvelopeRoot, SupervisorEnvelope } from '../../native/envelope.js';
import type { CheckedTenant } from '../../policy/types.js';

/** A service's envelope as options of the keeper (native/keeper/options.c), which knows the daemon's ids by itself. */
export function keeperOptions(envelope: Omit<SupervisorEnvelope, 'daemonUid' | 'daemonGid'>): string[] {
  const { slotUidBase, slotCount, poolUidBase, poolCount, cgroupName, workspace, roots, peers } = envelope;
  return [
    ...['--slot-uids', `${slotUidBase}:${slotCount}`],
    ...['--pool-uids', `${poolUidBase}:${poolCount}`],
    ...['--cgroup', cgroupName],
    ...['--workspace', workspace],
    ...peers.flatMap(({ who, hostId }) => ['--peer', `${who}:${hostId}`]),
    ...roots.flatMap(rootOption),
  ];
}

/** LW_MESSAGE_MAX_ENVELOPE_PEERS of the native side. */
const MAX_PEERS = 1024;

/**
 * Whom jobs may run for where there are tenants: the operators, and everybody whom a tenant has. None without tenants: the keeper then
 * knows the operators by itself.
 *
 * @throws LeewardError LW_DAEMON_SETTING when they are more than an envelope holds
 */
export function envelopePeers(tenants: readonly CheckedTenant[], daemonUid: number): readonly EnvelopePeer[] {
  if (tenants.length === 0) return [];
  const operators = [...new Set([0, daemonUid])].map((hostId): EnvelopePeer => ({ who: 'uid', hostId }));
  const served = tenants.flatMap(({ uids, gids }): EnvelopePeer[] => [
    ...uids.map((hostId) => ({ who: 'uid', hostId }) as const),
    ...gids.map((hostId) => ({ who: 'gid', hostId }) as const),
  ]);
  const peers = [...operators, ...served];
  if (peers.length <= MAX_PEERS) return peers;
  const message = `tenants have ${served.length} user and group ids, more than the ${MAX_PEERS - operators.length} that root's envelope holds`;
  throw new LeewardError('LW_DAEMON_SETTING', message, { hint: 'name groups instead of their users' });
}

function rootOption({ path, flags, who, hostId }: EnvelopeRoot): string[] {
  const mode = flags.includes('writable') ? 'rw' : 'ro';
  const whose = who === 'every_peer' ? '' : `${who}:${hostId}=`;
  return [
    ...(flags.includes('request') ? ['--request-root', `${whose}${path}:${mode}`] : []),
    ...(flags.includes('source') ? ['--source', `${path}:${mode}`] : []),
    ...(flags.includes('device') ? ['--device', path] : []),
  ];
}
