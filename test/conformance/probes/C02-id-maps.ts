/** The id maps of two jobs that run at the same time, as the host sees them. */
import { isRoot } from '../../harness/account.js';
import { readProc } from '../../harness/processes.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import { observed } from '../runner/observed.js';

export const probe: HostProbe = { control: tryIt, run: tryIt };

async function tryIt(context: HostContext): Promise<readonly HostAttempt[]> {
  const end = await context.sandbox.run({ code: 'pass', policy: context.policy, timeoutSeconds: 20 });
  // An ordinary user without a range of its own has one id; then the receipt says so, and the uid is the daemon's.
  const isShared = context.account.uid !== 0 && end.receipt?.user.outside_uid === context.account.uid;
  return observed(context, { count: 2 }, (pids) => {
    const maps = (file: string) => pids.map((pid) => readProc(`/proc/${pid}/${file}`)?.trim().split(/\s+/).map(Number));
    return ['uid_map', 'gid_map']
      .flatMap((file) => {
        const own = file === 'uid_map' ? context.account.uid : context.account.gid;
        const [first, second] = maps(file);
        return [
          attempt(`${file}: one id`, first?.length === 3 && first[2] === 1, first),
          attempt(`${file}: nobody's id`, first?.[1] !== 0 && (isShared || first?.[1] !== own), first),
          ...(isShared ? [] : [attempt(`${file}: one for each job`, first?.[1] !== second?.[1], [first, second])]),
        ];
      })
      .concat(
        attempt(
          'setgroups',
          pids.every(refusesGroups),
          pids.map((pid) => readProc(`/proc/${pid}/setgroups`)),
        ),
      );
  });
}

/** `deny` where the map was written by an ordinary user; a privileged writer leaves the call to its capability, which no job has. */
function refusesGroups(pid: number): boolean {
  const answer = readProc(`/proc/${pid}/setgroups`)?.trim();
  return answer === 'deny' || (isRoot && answer === 'allow' && isInOwnNamespace(pid));
}

function isInOwnNamespace(pid: number): boolean {
  const lengths = readProc(`/proc/${pid}/gid_map`)?.trim().split(/\s+/).map(Number);
  return lengths?.[2] === 1;
}

function attempt(name: string, holds: boolean, seen: unknown): HostAttempt {
  return { name, outcome: holds ? 'BLOCKED' : 'ESCAPED', detail: JSON.stringify(seen) ?? 'nothing' };
}
