/** The daemon's socket: who may connect by mode and folders, and that no job reaches it by path or abstract name. */
import { lstatSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { descendantsOf, openedBy } from '../../harness/processes.js';
import type { HostContext } from '../runner/host-probe.js';
import { daemonProbe, type Seen, type Target } from './daemon-probe.js';

const OTHERS = 0o077;
const [WRITABLE, STICKY] = [0o022, 0o1000];

async function mode({ socket, uid }: Target): Promise<Seen> {
  const stats = lstatSync(socket);
  const holds = stats.isSocket() && (stats.mode & OTHERS) === 0 && stats.uid === uid;
  return { holds, detail: `mode ${(stats.mode & 0o7777).toString(8)}, uid ${stats.uid}` };
}

/** No folder on the way is one in which others could put another socket. */
async function folders({ socket, uid }: Target): Promise<Seen> {
  const way: string[] = [];
  for (let folder = dirname(socket); !way.includes(folder); folder = dirname(folder)) way.push(folder);
  const open = way.filter((folder) => {
    const { mode, uid: owner } = lstatSync(folder);
    return (owner !== 0 && owner !== uid) || ((mode & WRITABLE) !== 0 && (mode & STICKY) === 0);
  });
  return {
    holds: open.length === 0,
    detail: open.length === 0 ? `${way.length} folders` : `others may write ${open[0]}`,
  };
}

/** The daemon has no abstract name (unix(7)), which every process of its network namespace could connect to. */
async function abstract({ pid, daemon }: Target): Promise<Seen> {
  const own = new Set([pid, ...(daemon?.processes() ?? descendantsOf(pid))].flatMap(socketsOf));
  const names = readFileSync(`/proc/${pid}/net/unix`, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , , , , inode, name]) => name?.startsWith('@') && own.has(inode ?? ''))
    .map((fields) => fields[7] ?? '');
  return { holds: names.length === 0, detail: names.length === 0 ? 'none' : names.join(' ') };
}

/** Inodes of the sockets that a process has open. */
function socketsOf(pid: number): readonly string[] {
  return openedBy(pid).flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []);
}

async function fromAJob({ socket }: Target, { sandbox, policy, variant }: HostContext): Promise<Seen> {
  const code = `
import socket
try:
    with socket.socket(socket.AF_UNIX) as to:
        to.connect(${JSON.stringify(socket)})
    print("reached")
except OSError as error:
    print(type(error).__name__)
`;
  const { status, stdout, stderr, receipt } = await sandbox.run({ code, policy, timeoutSeconds: 10 });
  const confined = !variant.confines || receipt !== undefined;
  // Where it can be seen, its folder is still closed.
  const refusals =
    variant.lacks === 'mount_namespace' ? ['FileNotFoundError', 'PermissionError'] : ['FileNotFoundError'];
  const holds = status === 'ok' && refusals.includes(stdout.trim()) && confined;
  return { holds, detail: `${status} ${stdout}${stderr}`.trim() };
}

export const probe = daemonProbe({
  'mode and owner': mode,
  'folders on the way': folders,
  'abstract names': abstract,
  'connect from a job': fromAJob,
});
