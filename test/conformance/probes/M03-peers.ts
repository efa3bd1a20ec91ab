/** Peers of no tenant, where the modes of the socket and its folder let them through: SO_PEERCRED names them. */
import { chmodSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { decodePayload } from '../../../src/protocol/decode.js';
import { encodeFrame } from '../../../src/protocol/encode.js';
import { FrameReader } from '../../../src/protocol/frame-reader.js';
import type { Answer } from '../../harness/connection.js';
import { eventually } from '../../harness/wait.js';
import { type Attempt, daemonProbe, judged, type Seen, type Target } from './daemon-probe.js';
import { EXECUTE } from './messages.js';
import { clientProcess } from './raw-client.js';

const STRANGER = 54_321;

/** The first answer to a process that became somebody else by `become` before it connected. */
function answerTo(target: Target, become: readonly string[]): Promise<Answer | undefined> {
  const child = clientProcess(target, become);
  const reader = new FrameReader();
  child.stdin.write(encodeFrame(EXECUTE));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve(undefined));
    child.stdout.on('data', (chunk: Buffer) => {
      const [payload] = reader.push(chunk).payloads;
      if (payload === undefined) return;
      resolve(decodePayload(payload) as unknown as Answer);
      child.kill('SIGKILL');
    });
  });
}

const become = (uid: number, gid: number, ...more: readonly string[]): readonly string[] => {
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, ...more, '--'];
};

const turnedAway =
  (how: (target: Target) => readonly string[]): Attempt =>
  async (target) => {
    const paths = [target.socket, dirname(target.socket)];
    const modes = paths.map((path) => statSync(path).mode & 0o7777);
    const logged = target.log.length;
    try {
      chmodSync(target.socket, 0o666);
      chmodSync(dirname(target.socket), 0o755);
      const seen = judged(await answerTo(target, how(target)), /^LW_REQUEST_NO_TENANT$/, `user ${STRANGER} `);
      return seen.holds ? await isLogged(target, logged, seen) : seen;
    } finally {
      for (const [index, path] of paths.entries()) chmodSync(path, modes[index] ?? 0);
    }
  };

async function isLogged(target: Target, from: number, { detail }: Seen): Promise<Seen> {
  const line = new RegExp(`"uid":${STRANGER},"error":"LW_REQUEST_NO_TENANT"`);
  await eventually('it is logged', 5_000, () => line.test(target.log.slice(from)));
  return { holds: true, detail };
}

export const probe = daemonProbe({
  'another user': turnedAway(() => become(STRANGER, STRANGER, '--clear-groups')),
  'another user of the group': turnedAway(({ uid }) => become(STRANGER, uid, '--clear-groups')),
  'another user with the group beside': turnedAway(({ uid }) => become(STRANGER, STRANGER, `--groups=${uid}`)),
  'root of a user namespace': turnedAway(() => [
    ...become(STRANGER, STRANGER, '--clear-groups'),
    ...['unshare', '--user', '--map-root-user', '--'],
  ]),
});
