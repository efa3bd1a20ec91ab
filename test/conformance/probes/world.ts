/** A network in which every address answers (`world.py`): a daemon in it, or a control. The host sees all that was reached. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JobResult } from '../../../src/protocol/messages.gen.js';
import { TestDaemon } from '../../harness/daemon.js';
import { readProc } from '../../harness/processes.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

const WORLD = readFileSync(new URL('world.py', import.meta.url), 'utf8');
const LONGEST_MS = 60_000;

/** A command that becomes its last arguments in the world. Needs root, which everybody has who runs the suite. */
export function intoWorld(scratch: string): readonly string[] {
  const resolver = join(scratch, 'resolv.conf');
  writeFileSync(resolver, 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n');
  chmodSync(scratch, 0o755);
  return ['/usr/bin/python3', '-I', '-c', WORLD, resolver];
}

/** What the world says was reached, such as `tcp 1.1.1.1 80`. */
export function reachedIn(log: string): readonly string[] {
  return [...log.matchAll(/^world: ((?:tcp|udp|unix) .*)$/gm)].map(([, what]) => what ?? '');
}

/** Packets that a process's network has received on its loopback (proc_pid_net(5), the first number behind the name is bytes). */
export function packetsOf(pid: number): number {
  const line = readProc(`/proc/${pid}/net/dev`)?.match(/^\s*lo:\s*\d+\s+(\d+)/m);
  if (line === null || line === undefined) throw new Error(`process ${pid} has no loopback`);
  return Number(line[1]);
}

/** A daemon whose own network is the world: one for all probes of an account. */
async function daemonInWorld({ account, scratch, shared }: HostContext): Promise<TestDaemon> {
  const { daemon } = await shared.get('a daemon in a network where every address answers', async () => {
    const started = await TestDaemon.start(account, { by: intoWorld(scratch) });
    return { daemon: started, close: () => started.stop() };
  });
  return daemon;
}

/** Python in the world, without a sandbox. */
export function unconfinedInWorld(scratch: string, code: string): Promise<{ stdout: string; stderr: string }> {
  const [command = '', ...args] = [...intoWorld(scratch), '/usr/bin/python3', '-I', '-c', code];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: LONGEST_MS });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve({ stdout, stderr }));
  });
}

/** Before a probe's code: `say` makes an attempt, and prints it with the name of what stopped it. */
const SAY = `
import errno, json, socket

def say(name, action):
    try:
        action()
        print(json.dumps([name, None]))
    except socket.herror as error:
        # The numbers of h_errno (gethostbyname(3)).
        print(json.dumps([name, {1: "HOST_NOT_FOUND", 2: "TRY_AGAIN"}.get(error.errno, str(error))]))
    except socket.gaierror as error:
        names = {getattr(socket, known): known for known in dir(socket) if known.startswith("EAI_")}
        print(json.dumps([name, names.get(error.errno, str(error))]))
    except OSError as error:
        print(json.dumps([name, errno.errorcode.get(error.errno, str(error))]))
`;

/** A kernel that was built without IPv6 has nothing that an attempt by it could get through. */
const HAS_IPV6 = existsSync('/proc/net/if_inet6');

function lacksFamily([, errno]: Line): boolean {
  return !HAS_IPV6 && errno === 'EAFNOSUPPORT';
}

/** What must not be sent. */
export interface Sent {
  /** Python that calls `say(name, action)` for each attempt; `name` begins with what the world says of it. */
  readonly code: string;
  /** Errnos that may stop it, with the reason. */
  readonly accepted: readonly string[];
}

/** A probe whose job tries to send something. */
export function sendingProbe({ code: attempts, accepted }: Sent): HostProbe {
  const code = `${SAY}${attempts}`;
  const control = async ({ scratch }: HostContext): Promise<readonly HostAttempt[]> => {
    // The listeners are ready before the code starts, and what they say comes before its end.
    const { stdout, stderr } = await unconfinedInWorld(scratch, `${code}\nimport time; time.sleep(0.3)`);
    const reached = reachedIn(stderr);
    const lines = linesOf(stdout).filter((line) => !lacksFamily(line));
    return lines.map(([name, errno]) => {
      const arrived = reached.filter((what) => what === aimOf(name)).length;
      const seen = arrived >= lines.filter(([other]) => aimOf(other) === aimOf(name)).length;
      const detail = `${errno ?? 'sent'}; ${seen ? 'it arrived' : `arrived: ${reached.join(', ')} ${stderr.slice(-300)}`}`;
      return { name, outcome: seen ? 'ESCAPED' : 'BROKEN', detail };
    });
  };
  const run = async (context: HostContext): Promise<readonly HostAttempt[]> => {
    if (!context.variant.confines) return control(context);
    const daemon = await daemonInWorld(context);
    const [before, logged] = [packetsOf(daemon.daemonPid), daemon.log.length];
    const { status, stdout, stderr } = await runOnce(daemon, code, context.policy);
    if (status !== 'ok') throw new Error(`the job: ${status} ${stderr}`);
    const packets = packetsOf(daemon.daemonPid) - before;
    const reached = reachedIn(daemon.log.slice(logged));
    const tried = linesOf(String(stdout)).map((line): HostAttempt => {
      const [name, errno] = line;
      if (lacksFamily(line)) return { name, outcome: 'SKIPPED', detail: 'this kernel has no IPv6' };
      const isBlocked = errno !== null && accepted.includes(errno);
      return { name, outcome: isBlocked ? 'BLOCKED' : 'ESCAPED', detail: errno ?? 'sent' };
    });
    return [
      ...tried,
      { name: 'the network', outcome: packets === 0 ? 'BLOCKED' : 'ESCAPED', detail: `${packets} packets` },
      { name: 'who listens', outcome: reached.length === 0 ? 'BLOCKED' : 'ESCAPED', detail: reached.join(', ') },
    ];
  };
  return { control, run };
}

async function runOnce(daemon: TestDaemon, code: string, policy: string): Promise<JobResult> {
  const connection = await daemon.connect();
  try {
    return await connection.run(code, { policy, timeout_secs: 20 });
  } finally {
    connection.close();
  }
}

/** `tcp 1.1.1.1 80 as something` is aimed at what stands before. */
function aimOf(name: string): string {
  return name.split(' as ')[0] ?? '';
}

/** An attempt, and what stopped it. */
type Line = readonly [name: string, errno: string | null];

function linesOf(stdout: string): readonly Line[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}
