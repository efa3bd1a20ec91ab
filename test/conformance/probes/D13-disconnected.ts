/** A directory that a job has open is moved out of its mount on the host: from there `..` leads on in the host's own tree. */
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../harness/wait.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

export const probe: HostProbe = { control: tryAll, run: tryAll };

const TOKEN = 'lies beside the moved directory';

/** What is moved: a directory in a mount, or the one that is mounted. */
const MOVED = ['output/sub/deep', 'input/sub/deep', 'output', 'input'] as const;

/** `held` was opened before the move. Each try is made by descriptor, and from within. */
function codeOf(paths: { input: string | null; output: string | null }, moved: string): string {
  const [top = '', ...below] = moved.split('/');
  const mount = top === 'input' ? paths.input : paths.output;
  return `
import json, os, time
held = os.open(${JSON.stringify([mount, ...below].join('/'))}, os.O_RDONLY | os.O_DIRECTORY)
os.fchdir(held)
open(${JSON.stringify(`${paths.output}/ready`)}, "w").close()
while not os.path.exists(${JSON.stringify(`${paths.input}/go`)}) and not os.path.exists("go"):
    time.sleep(0.01)
TRIES = {
    "by descriptor": lambda: os.read(os.open("../secret", os.O_RDONLY, dir_fd=held), 99),
    "from within": lambda: os.read(os.open("../secret", os.O_RDONLY), 99),
    "two levels": lambda: os.read(os.open("../../elsewhere/secret", os.O_RDONLY), 99),
    "listed": lambda: [os.read(os.open(f"../{name}", os.O_RDONLY), 99) for name in os.listdir("..")],
    "through proc": lambda: os.read(os.open(f"/proc/self/fd/{held}/../secret", os.O_RDONLY), 99),
    "through cwd": lambda: os.read(os.open("/proc/self/cwd/../secret", os.O_RDONLY), 99),
    "opened upwards": lambda: os.read(os.open("secret", os.O_RDONLY, dir_fd=os.open("..", os.O_PATH, dir_fd=held)), 99),
    "written": lambda: os.close(os.open("../written", os.O_CREAT | os.O_WRONLY)),
}
seen = {}
for name, action in TRIES.items():
    try:
        seen[name] = repr(action())
    except OSError as error:
        seen[name] = error.strerror
print(json.dumps(seen))
`;
}

async function tryAll(context: HostContext): Promise<readonly HostAttempt[]> {
  const attempts: HostAttempt[] = [];
  for (const moved of MOVED) attempts.push(...(await tryOne(context, moved)));
  return attempts;
}

let count = 0;

async function tryOne({ sandbox, policy, variant }: HostContext, moved: string): Promise<readonly HostAttempt[]> {
  const folder = `jobs/disconnected-${count++}`;
  const parent = sandbox.place.directory(folder, 0o755);
  for (const name of ['elsewhere', 'input', 'output', 'input/sub', 'input/sub/deep', 'output/sub', 'output/sub/deep'])
    sandbox.place.directory(`${folder}/${name}`, name === 'elsewhere' ? 0o777 : 0o755);
  sandbox.place.file(`${folder}/elsewhere/secret`, TOKEN);
  const [input, output] = [join(parent, 'input'), join(parent, 'output')];
  const code = codeOf(sandbox.paths({ input, output }), moved);
  const running = sandbox.run({ code, policy, timeoutSeconds: 20, input, output });
  await Promise.race([
    eventually('the job holds the directory', 20_000, () => existsSync(join(output, 'ready'))),
    running.then((end) => {
      throw new Error(`the job: ${end.status} ${end.error ?? end.stderr}`);
    }),
  ]);
  // What is moved ends up as elsewhere/gone: `..` of it is elsewhere, where the secret is.
  renameSync(join(parent, moved), join(parent, 'elsewhere/gone'));
  // Without a sandbox there is no mount through which a moved input still has its path.
  for (const directory of [input, join(parent, 'elsewhere/gone')]) {
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'go'), '');
  }
  const end = await running;
  if (end.status !== 'ok') throw new Error(`the job: ${end.status} ${end.error ?? end.stderr}`);
  const seen = Object.entries(JSON.parse(end.stdout) as Record<string, string>);
  const written = existsSync(join(parent, 'elsewhere/written'));
  return seen.map(([name, got]) => {
    const reached =
      !variant.confines || end.receipt === undefined || got.includes(TOKEN) || (name === 'written' && written);
    return { name: `${moved}: ${name}`, outcome: reached ? 'ESCAPED' : 'BLOCKED', detail: got };
  });
}
