/** A daemon that was started with hundreds of descriptors which are not close-on-exec: none of them reaches a job. */
import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, readdirSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { commandAs } from '../../harness/account.js';
import { TestDaemon } from '../../harness/daemon.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

export const probe: HostProbe = { control, run };

const COUNT = 500;
const LIST = `
import json, os
found = {}
for number in range(4096):
    try:
        os.fstat(number)
        found[number] = os.readlink(f"/proc/self/fd/{number}")
    except OSError:
        pass
print(json.dumps(found))
`;

/** What a careless parent leaves open: a secret file, its directory, a socket that listens, an event queue; hundreds of them. */
async function withDescriptors<T>(
  { canaries, scratch }: HostContext,
  body: (descriptors: readonly number[]) => Promise<T>,
): Promise<T> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${scratch}/listening`, resolve));
  const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
  const { secret, directory, file } = canaries.names;
  const kinds = [
    () => openSync(secret, constants.O_RDONLY),
    () => openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY),
    () => openSync(file, constants.O_RDWR),
    () => openSync('/', 0o10000000), // O_PATH
  ];
  const opened = Array.from({ length: COUNT - 1 }, (_, index) => kinds[index % kinds.length]?.() ?? -1);
  try {
    return await body([fd, ...opened]);
  } finally {
    for (const number of opened) closeSync(number);
    server.close();
  }
}

function judged(table: Readonly<Record<string, string>>, name: string): HostAttempt {
  const odd = Object.entries(table).filter(([number]) => !['0', '1', '2', '4'].includes(number));
  const detail = odd.length === 0 ? 'its own four' : `${odd.length}, of which ${odd[0]}`;
  return { name, outcome: odd.length === 0 ? 'BLOCKED' : 'ESCAPED', detail };
}

async function control(context: HostContext): Promise<readonly HostAttempt[]> {
  return withDescriptors(context, async (descriptors) => {
    const [command = '', ...args] = commandAs(context.account, ['/usr/bin/python3', '-I', '-c', LIST]);
    const { stdout } = spawnSync(command, args, {
      stdio: ['ignore', 'pipe', 'inherit', ...descriptors],
      encoding: 'utf8',
    });
    return [judged(JSON.parse(stdout) as Record<string, string>, 'a child')];
  });
}

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  if (!context.variant.confines) return control(context);
  return withDescriptors(context, async (descriptors) => {
    const daemon = await TestDaemon.start(context.account, { descriptors });
    const client = await daemon.connect();
    try {
      const attempts: HostAttempt[] = [];
      for (const turn of ['first', 'second', 'third']) {
        const { stdout } = await client.run(LIST, { policy: context.policy });
        attempts.push(judged(JSON.parse(String(stdout)) as Record<string, string>, `the ${turn} job`));
      }
      return [given(daemon), ...attempts];
    } finally {
      client.close();
      await daemon.stop();
    }
  });
}

/** A daemon that has closed them, or never had them, has been asked nothing. */
function given({ mainPid }: TestDaemon): HostAttempt {
  const links = readdirSync(`/proc/${mainPid}/fd`).map((name) => {
    try {
      return readlinkSync(`/proc/${mainPid}/fd/${name}`);
    } catch {
      return '';
    }
  });
  const count = links.filter((link) => /\/canary-|^\/$/.test(link)).length;
  const detail = `${count} of ${COUNT} in the process that was started`;
  return { name: 'it was given them', outcome: count >= COUNT - 1 ? 'NO_EFFECT' : 'BROKEN', detail };
}
