import type { EnvelopeRoot, SupervisorEnvelope } from '../../native/envelope.js';

/** A service's envelope as options of the keeper (native/keeper/options.c), which knows the daemon's ids by itself. */
export function keeperOptions(envelope: Omit<SupervisorEnvelope, 'daemonUid' | 'daemonGid' | 'peers'>): string[] {
  const { slotUidBase, slotCount, poolUidBase, poolCount, cgroupName, workspace, roots } = envelope;
  return [
    ...['--slot-uids', `${slotUidBase}:${slotCount}`],
    ...['--pool-uids', `${poolUidBase}:${poolCount}`],
    ...['--cgroup', cgroupName],
    ...['--workspace', workspace],
    ...roots.flatMap(rootOption),
  ];
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
