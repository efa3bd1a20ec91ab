import { LeewardError } from '../../errors/leeward-error.js';
import type { PingRequest, PingResponse } from '../../protocol/messages.gen.js';
import { PROTOCOL } from '../../protocol/schema.gen.js';
import { VERSION } from '../config/version.js';
import { refusal } from './answer.js';

/** Which protocol is spoken here, and by whom. */
export function pingResponse(request: PingRequest, uid: number): PingResponse {
  const { protocol = PROTOCOL.version } = request;
  const id = request.id ?? null;
  if (protocol < PROTOCOL.minimumVersion || protocol > PROTOCOL.version) {
    const spoken = `this daemon (${VERSION}) speaks ${PROTOCOL.minimumVersion} to ${PROTOCOL.version}`;
    return refusal(
      'Ping',
      id,
      new LeewardError('LW_PROTO_VERSION', `protocol version ${protocol} is not supported: ${spoken}`),
    );
  }
  const result = {
    protocol: PROTOCOL.version,
    minimum_protocol: PROTOCOL.minimumVersion,
    version: VERSION,
    pid: process.pid,
    uid,
  };
  return { type: 'Ping', id, success: true, result };
}
