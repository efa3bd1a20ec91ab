/** Jobs that start at once: a descriptor of one that is open while another is forked would show in it. */
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

export const probe: HostProbe = { control: tryIt, run: tryIt };

/** The listing's own descriptor cannot be read any more when it is looked at. */
const CODE = `
import json, os, time
time.sleep(0.1)
found = {}
for name in os.listdir("/proc/self/fd"):
    try:
        found[name] = os.readlink(f"/proc/self/fd/{name}")
    except OSError:
        pass
print(json.dumps(found))
`;

async function tryIt({ sandbox, policy, times }: HostContext): Promise<readonly HostAttempt[]> {
  const job = { code: CODE, policy, timeoutSeconds: 60 };
  const ends = await Promise.all(Array.from({ length: times }, () => sandbox.run(job)));
  const failed = ends.find(({ status }) => status !== 'ok');
  if (failed !== undefined) throw new Error(`a job: ${failed.status} ${failed.error ?? failed.stderr}`);
  const tables = ends.map(({ stdout }) => JSON.parse(stdout) as Record<string, string>);
  const odd = tables.filter((table) => Object.keys(table).join() !== '0,1,2,4');
  const streams = tables.flatMap((table) => [...new Set(Object.values(table))]);
  const shared = streams.filter((link, index) => streams.indexOf(link) !== index);
  // 4 is the pipe for claims.
  return [
    verdict('a table that is not the usual one', odd.length === 0, odd[0]),
    ...(sandbox.daemon === undefined ? [] : [verdict('a pipe of another job', shared.length === 0, shared)]),
  ];
}

function verdict(name: string, holds: boolean, seen: unknown): HostAttempt {
  return { name, outcome: holds ? 'BLOCKED' : 'ESCAPED', detail: JSON.stringify(seen) ?? 'in none' };
}
