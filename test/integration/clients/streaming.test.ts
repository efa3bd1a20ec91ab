import { describe, expect, it } from 'vitest';
import { encodeFrame } from '../../../src/protocol/encode.js';
import type { ExecuteResponse, OutputFrame } from '../../../src/protocol/messages.gen.js';
import { isRoot, root, user } from '../../harness/account.js';
import type { Answer, Connection } from '../../harness/connection.js';
import { residentMemory } from '../../harness/processes.js';
import { eventually } from '../../harness/wait.js';
import { withDaemon } from '../harness/fixture.js';

const MIB = 1 << 20;

/** Sends an Execute with `stream`. */
function send(client: Connection, id: number, code: string): void {
  client.send(encodeFrame({ type: 'Execute', id, code, policy: 'it-stream', stream: true }));
}

/** What comes next for this request: a part of its output, or its answer. */
async function next(client: Connection, id: number): Promise<OutputFrame | ExecuteResponse> {
  const answer = await client.receive((candidate: Answer) => candidate.id === id);
  if (answer === undefined) throw new Error('the connection ended');
  return answer as object as OutputFrame | ExecuteResponse;
}

const WRITER = `
import os
part = bytes(range(256)) * 256
for _ in range(200 * 16): os.write(1, part)
os.write(2, b'done')
`;

// The way of the output is the same for both accounts.
const at = withDaemon(isRoot ? root : user);

describe('streamed output', () => {
  it('comes while the job runs, and the answer says how much it was', async () => {
    const code =
      'import sys\nprint("ready", flush=True)\nfor i in range(3): print(i, file=sys.stderr)\nwhile True: pass';
    send(at.client, 1, code);
    const parts: string[] = [];
    while (parts.join('').length < 'ready\n0\n1\n2\n'.length) {
      const frame = await next(at.client, 1);
      if (frame.type !== 'Output') throw new Error(JSON.stringify(frame));
      parts.push(Buffer.from(frame.data).toString());
    }
    expect(parts[0]).toBe('ready\n');
    expect(await at.client.ask({ type: 'Cancel', request: 1 })).toMatchObject({ result: { cancelled: true } });
    expect(await next(at.client, 1)).toMatchObject({
      type: 'Execute',
      success: false,
      error: { code: 'LW_JOB_CANCELLED' },
      result: { status: 'cancelled', stdout: '', stderr: '', streamed: { stdout: 6, stderr: 6 } },
    });
    expect(await at.client.ask({ type: 'Cancel', request: 1 })).toMatchObject({ result: { cancelled: false } });
  });

  it('of 200 MiB makes the job wait for its reader, not the daemon grow, and no other job wait', async () => {
    const reader = await at.daemon.connect();
    await at.client.run('pass', { policy: 'it-stream' });
    const before = residentMemory(at.daemon.daemonPid);
    let most = 0;
    let received = 0;
    let errors = '';
    send(reader, 1, WRITER);
    for (let pauses = 0; ; ) {
      const frame = await next(reader, 1);
      if (frame.type !== 'Output') {
        expect(frame).toMatchObject({ success: true, result: { streamed: { stdout: 200 * MIB, stderr: 4 } } });
        break;
      }
      if (frame.stream === 'stderr') errors += Buffer.from(frame.data).toString();
      // Each part says where in the output it belongs.
      else if (frame.data[0] !== received % 256) throw new Error(`lost between ${received} and what came then`);
      received += frame.stream === 'stdout' ? frame.data.length : 0;
      if (received < pauses * 40 * MIB) continue;
      pauses++;
      reader.pause();
      for (let beside = 0; beside < 3; beside++) await at.client.run('print("beside")');
      most = Math.max(most, residentMemory(at.daemon.daemonPid));
      reader.resume();
    }
    expect([received, errors]).toEqual([200 * MIB, 'done']);
    expect(most - before).toBeLessThan(150 * MIB);
    reader.close();
  });

  it('of a client that goes ends with its job', async () => {
    const gone = await at.daemon.connect();
    send(gone, 1, 'while True: print("x" * 1000)');
    await next(gone, 1);
    gone.pause();
    gone.close();
    await eventually('the job has ended', 10_000, async () => (await at.client.status()).jobs.running === 0);
  });
});

it('Cancel reaches what runs and what waits, of many requests in flight', async () => {
  const client = await at.daemon.connect();
  for (let id = 0; id < 70; id++)
    client.send(encodeFrame({ type: 'Execute', id, code: 'import time; time.sleep(60)', policy: 'python' }));
  for (const request of [69, 40, 0])
    expect(await client.ask({ type: 'Cancel', request })).toMatchObject({ result: { cancelled: true } });
  for (const id of [69, 40, 0]) {
    const answer = await client.receive((candidate) => candidate.id === id);
    expect(answer).toMatchObject({ type: 'Execute', success: false, error: { code: 'LW_JOB_CANCELLED' } });
  }
  client.close();
  await eventually('all have ended', 10_000, async () => {
    const { running, queued } = (await at.client.status()).jobs;
    return running + queued === 0;
  });
});
