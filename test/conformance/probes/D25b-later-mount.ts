/** Something is mounted on the host, beneath what a running job has, after it has started; and what a sandbox mounts, seen from the host. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../../harness/wait.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import type { Sandbox } from '../runner/sandbox.js';
import type { DaemonSandbox } from '../runner/shipped.js';
import { mountThere, sandboxOnSharedMounts } from './shared-mounts.js';

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

interface Directories {
  readonly input: string;
  readonly output: string;
}

function directoriesIn({ place }: Sandbox): Directories {
  const folder = `jobs/later-${count++}`;
  const top = place.directory(folder, 0o755);
  for (const name of ['input', 'output', 'input/below', 'output/below']) place.directory(`${folder}/${name}`, 0o755);
  return { input: join(top, 'input'), output: join(top, 'output') };
}

/** @param ready called before anything is mounted  @returns the job's last words, after a mount has come beneath its input and its output */
async function mountLater(
  sandbox: DaemonSandbox | undefined,
  { input, output }: Directories,
  start: () => Promise<string>,
  ready: () => void = () => {},
): Promise<string> {
  const running = start();
  await eventually('the job is ready', 20_000, () => existsSync(join(output, 'ready')));
  ready();
  const mount = `mount -t tmpfs none "$1/below"; printf '${TOKEN}' >"$1/below/secret"; chmod 644 "$1/below/secret"`;
  for (const directory of [input, output]) mountThere(sandbox, mount, directory);
  writeFileSync(join(output, 'go'), '');
  try {
    return await running;
  } finally {
    for (const directory of [input, output]) mountThere(sandbox, 'umount -l "$1/below"', directory);
  }
}

const judged = (name: string, seen: string): HostAttempt => {
  return { name, outcome: seen.includes(TOKEN) ? 'ESCAPED' : 'BLOCKED', detail: seen.trim().slice(0, 200) };
};

/** A mount namespace alone, as unshare(2) leaves it: what is shared stays so. */
async function control({ sandbox }: HostContext): Promise<readonly HostAttempt[]> {
  const directories = directoriesIn(sandbox);
  const top = join(directories.input, '..');
  mountThere(undefined, 'mount --bind "$1" "$1"; mount --make-rshared "$1"', top);
  const code = codeOf(directories.input, directories.output);
  const argv = ['--mount', '--propagation', 'unchanged', '/usr/bin/python3', '-I', '-c', code];
  const start = async () => (await promisify(execFile)('unshare', argv)).stdout;
  try {
    return [judged('a mount that comes later', await mountLater(undefined, directories, start))];
  } finally {
    mountThere(undefined, 'umount -l "$1"', top);
  }
}

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  const { policy, variant } = context;
  if (!variant.confines || context.sandbox.daemon === undefined) return control(context);
  const sandbox = await sandboxOnSharedMounts(context);
  const directories = directoriesIn(sandbox);
  const table = () => readFileSync(`/proc/${sandbox.daemon.daemonPid}/mountinfo`, 'utf8').split('\n');
  const before = new Set(table());
  let during: readonly string[] = [];
  const start = async () => {
    const code = codeOf('/input', '/output');
    const end = await sandbox.run({ code, policy, timeoutSeconds: 20, ...directories });
    if (end.status !== 'ok') throw new Error(`the job: ${end.status} ${end.error ?? end.stderr}`);
    return end.stdout;
  };
  const seen = await mountLater(sandbox, directories, start, () => {
    during = table().filter((line) => !before.has(line));
  });
  const outside = {
    outcome: during.length === 0 ? 'BLOCKED' : 'ESCAPED',
    detail: during.join('; ') || 'none',
  } as const;
  return [judged('a mount that comes later', seen), { name: 'mounts of the sandbox on the host', ...outside }];
}
