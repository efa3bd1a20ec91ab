import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { decodePayload } from '../../protocol/decode.js';
import { encodeFrame } from '../../protocol/encode.js';
import { FrameReader } from '../../protocol/frame-reader.js';
import { askDaemon } from './ask-daemon.js';

let folder: string;
let server: Server;

/** A daemon of the first version: it knows Ping and nothing else. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'leeward-ask-'));
  server = createServer((socket) => {
    const reader = new FrameReader();
    socket.on('data', (chunk) => {
      for (const payload of reader.push(chunk).payloads) {
        const { type, id } = decodePayload(payload);
        const result = { protocol: 1, minimum_protocol: 1, version: '0.1.0', pid: 1, uid: 0 };
        const error = { code: 'LW_PROTO_UNKNOWN_TYPE', message: `unknown request type '${type}'`, retryable: false };
        const answer = type === 'Ping' ? { type, success: true, result } : { type: 'Error', success: false, error };
        socket.write(encodeFrame({ ...answer, id }));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(join(folder, 's'), resolve));
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

it('a daemon that is older than the command is told to be one', async () => {
  const asked = askDaemon(join(folder, 's'), (client) => client.policyHistory());
  await expect(asked).rejects.toMatchObject({
    code: 'LW_PROTO_UNKNOWN_TYPE',
    message:
      "the daemon is older than this command, and does not know what it asks for: unknown request type 'PolicyHistory'",
    hint: 'restart the daemon with the version of this command',
  });
});
