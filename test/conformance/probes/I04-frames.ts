/** Lengths and pieces of frames on everything that a job can write to, while other jobs run beside it. */
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

const LENGTHS = {
  nothing: '00000000',
  'four gibibytes': 'ffffffff',
  negative: '80000000',
  'one more than there is': '00000002c0',
  'the largest frame': '01000000',
} as const;

const BESIDE = 'import time; time.sleep(0.1); print("beside")';

const codeFor = (hex: string): string => `
import os
data = bytes.fromhex("${hex}")
for number in range(256):
    try:
        os.set_blocking(number, False)
        for _ in range(64):
            os.write(number, data)
    except OSError:
        pass
print()
`;

export const probe: HostProbe = { control, run };

/** A reader that shares one stream among jobs: what one writes is the other's. */
async function control(): Promise<readonly HostAttempt[]> {
  return Object.entries(LENGTHS).map(([name, hex]) => {
    const stream = Buffer.concat([Buffer.from(hex, 'hex'), Buffer.from('beside\n')]);
    const length = stream.readUInt32BE(0);
    const rest = stream.subarray(4);
    const frame = length > rest.length ? 'waits for what never comes' : rest.subarray(0, length).toString();
    return { name, outcome: frame === 'beside\n' ? 'BLOCKED' : 'ESCAPED', detail: JSON.stringify(frame) };
  });
}

async function run({ sandbox, variant, policy }: HostContext): Promise<readonly HostAttempt[]> {
  const { daemon } = sandbox;
  if (!variant.confines || daemon === undefined) return control();
  const connection = await daemon.connect();
  const attempts: HostAttempt[] = [];
  for (const [name, hex] of Object.entries(LENGTHS)) {
    const [beside, hostile, after] = await Promise.all([
      connection.run(BESIDE, { policy }),
      connection.run(codeFor(hex), { policy }),
      connection.run(BESIDE, { policy }),
    ]);
    const written = Buffer.from(hostile.stdout as string | Uint8Array);
    const isExact = written.toString('hex') === `${hex.repeat(64)}0a`;
    const holds = [beside, after].every(({ stdout, status }) => status === 'ok' && stdout === 'beside\n') && isExact;
    const detail = JSON.stringify([hostile.status, written.length, beside.stdout, after.stdout]);
    attempts.push({ name, outcome: holds ? 'BLOCKED' : 'ESCAPED', detail });
  }
  connection.close();
  return attempts;
}
