/** Something is mounted on the host, beneath what a running job has, after it has started; and what a sandbox mounts, seen from the host. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../harness/wait.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

export const probe: HostProbe = { control, run };

const TOKEN = 'mounted later';
let count = 0;

/** Looks again and again at whether the file of the later mount is there; the host says when it is. */
function codeOf(input: string, output: string): string {
  return `
import os, time
open("${output}/ready", "w").close()
while not os.path.exists("${output}/go"):
    time.sleep(0.01)
found = [path for path in ("${input}/below/secret", "${output}/below/secret") if os.path.exists(path)]
print([open(path).read() for path in found], [line for line in open("/proc/self/mountinfo") if "below" in line])
`;
}

interface Shared {
  readonly input: string;
  readonly output: string;
  /** Runs a command where the daemon's mounts are. */
  readonly there: (script: string) => void;
}

/** Two directories beneath a mount whose changes are shared, as systemd leaves the root of a host. */
function sharedIn({ sandbox }: HostContext): Shared {
  const { place, daemon } = sandbox;
  const folder = `jobs/later-${count++}`;
  const top = place.directory(folder, 0o755);
  for (const name of ['input', 'output', 'input/below', 'output/below']) place.directory(`${folder}/${name}`, 0o755);
  const enter = daemon === undefined ? [] : [`--mount=/proc/${daemon.daemonPid}/ns/mnt`];
  const there = (script: string): void => {
    execFileSync('nsenter', [...enter, '--', 'sh', '-ec', script], { stdio: ['ignore', 'ignore', 'pipe'] });
  };
  there(`mount --bind ${top} ${top}; mount --make-rshared ${top}`);
  return { input: join(top, 'input'), output: join(top, 'output'), there };
}

/** @returns the job's last words, after a mount has come beneath its input and its output */
async function mountLater(shared: Shared, start: () => Promise<string>): Promise<string> {
  const { input, output, there } = shared;
  const running = start();
  await eventually('the job is ready', 20_000, () => existsSync(join(output, 'ready')));
  for (const directory of [input, output])
    there(
      `mount -t tmpfs none ${directory}/below; printf '${TOKEN}' >${directory}/below/secret; chmod 644 ${directory}/below/secret`,
    );
  there(`touch ${output}/go`);
  try {
    return await running;
  } finally {
    for (const directory of [input, output]) there(`umount ${directory}/below`);
    there(`umount ${join(input, '..')}`);
  }
}

const judged = (name: string, seen: string): HostAttempt => {
  return { name, outcome: seen.includes(TOKEN) ? 'ESCAPED' : 'BLOCKED', detail: seen.trim().slice(0, 200) };
};

/** A mount namespace alone, as unshare(2) leaves it: what is shared stays so. */
async function control(context: HostContext): Promise<readonly HostAttempt[]> {
  const shared = sharedIn(context);
  const code = codeOf(shared.input, shared.output);
  const { execFile } = await import('node:child_process');
  const start = () =>
    new Promise<string>((resolve, reject) => {
      const argv = ['--mount', '--propagation', 'unchanged', '/usr/bin/python3', '-I', '-c', code];
      execFile('unshare', argv, (error, stdout) => (error === null ? resolve(stdout) : reject(error)));
    });
  return [judged('a mount that comes later', await mountLater(shared, start))];
}

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  const { sandbox, policy, variant } = context;
  const { daemon } = sandbox;
  if (!variant.confines || daemon === undefined) return control(context);
  const shared = sharedIn(context);
  const table = () => readFileSync(`/proc/${daemon.daemonPid}/mountinfo`, 'utf8').split('\n');
  const before = new Set(table());
  let during: readonly string[] = [];
  const seen = await mountLater(shared, async () => {
    const { input, output } = shared;
    const code = codeOf('/input', '/output');
    const running = sandbox.run({ code, policy, timeoutSeconds: 20, input, output });
    await eventually('the job is ready', 20_000, () => existsSync(join(output, 'ready')));
    during = table().filter((line) => !before.has(line));
    const end = await running;
    if (end.status !== 'ok') throw new Error(`the job: ${end.status} ${end.error ?? end.stderr}`);
    return end.stdout;
  });
  const outside = {
    outcome: during.length === 0 ? 'BLOCKED' : 'ESCAPED',
    detail: during.join('; ') || 'none',
  } as const;
  return [judged('a mount that comes later', seen), { name: 'mounts of the sandbox on the host', ...outside }];
}
