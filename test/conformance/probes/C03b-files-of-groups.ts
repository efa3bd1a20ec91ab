/** Files in a mounted directory that belong to neither the requester nor everybody: root of the host could read them all. */
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

export const probe: HostProbe = { control: tryIt, run: tryIt };

const TOKEN = 'readable only by others';
/** Owner, group and mode; 4 is `adm` and 42 is `shadow` where the distribution has them. */
const FILES = {
  'of a group': { uid: 1, gid: 4, mode: 0o640 },
  'of the group of root': { uid: 1, gid: 0, mode: 0o600 },
  'of shadow': { uid: 1, gid: 42, mode: 0o640 },
  'of nobody': { uid: 65534, gid: 65534, mode: 0o640 },
} as const;

let count = 0;

async function tryIt({ sandbox, policy }: HostContext): Promise<readonly HostAttempt[]> {
  const folder = `jobs/groups-${count++}`;
  const input = sandbox.place.directory(folder, 0o755);
  Object.values(FILES).forEach(({ uid, gid, mode }, index) => {
    sandbox.place.file(`${folder}/${index}`, TOKEN, mode, { uid, gid });
  });
  const { input: inside } = sandbox.paths({ input });
  const code = `
for index in range(${Object.keys(FILES).length}):
    try:
        print(index, open(f"${inside}/{index}").read())
    except OSError as error:
        print(index, f"errno {error.errno}")
`;
  const { status, stdout, stderr } = await sandbox.run({ code, policy, timeoutSeconds: 20, input });
  if (status !== 'ok') throw new Error(`the job: ${status} ${stderr}`);
  const lines = stdout.trim().split('\n');
  return Object.keys(FILES).map((name, index) => {
    const detail = lines.find((line) => line.startsWith(`${index} `)) ?? 'nothing';
    if (detail.endsWith(TOKEN)) return { name, outcome: 'ESCAPED', detail };
    return { name, outcome: detail === `${index} errno 13` ? 'BLOCKED' : 'BROKEN', detail };
  });
}
