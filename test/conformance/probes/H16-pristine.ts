/** One job tries what it can to change an input; the host's file and the next job's view of it must be as before. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

export const probe: HostProbe = { control: tryIt, run: tryIt };

const TRIES = {
  'write in place': 'open(file, "r+").write("changed")',
  truncate: 'os.truncate(file, 0)',
  'write through a shared mapping': `
descriptor = os.open(file, os.O_RDWR)
mmap.mmap(descriptor, 0, mmap.MAP_SHARED, mmap.PROT_WRITE)[:1] = b"X"`,
  'write through proc': 'os.write(os.open(f"/proc/self/fd/{os.open(file, os.O_RDONLY)}", os.O_WRONLY), b"X")',
  times: 'os.utime(file, (1, 1))',
  mode: 'os.chmod(file, 0o777)',
  rename: 'os.rename(file, folder + "/other")',
  replace: 'os.replace(make("replacement"), file)',
  'add a file': 'make("new")',
  'add a directory': 'os.mkdir(folder + "/directory")',
  remove: 'os.unlink(file)',
} as const;

let count = 0;

async function tryIt({ sandbox, policy }: HostContext): Promise<readonly HostAttempt[]> {
  const attempts: HostAttempt[] = [];
  for (const [name, text] of Object.entries(TRIES)) {
    const folder = `jobs/pristine-${count++}`;
    const input = sandbox.place.directory(folder, 0o755);
    sandbox.place.file(`${folder}/file`, 'as the host wrote it');
    const inside = sandbox.paths({ input }).input;
    const head = `import mmap, os\nfolder = "${inside}"\nfile = folder + "/file"\n`;
    const code = `${head}
def make(name):
    open(f"{folder}/{name}", "w").close()
    return f"{folder}/{name}"
try:
    exec(${JSON.stringify(text)})
    print("done")
except OSError as error:
    print("errno", error.errno)
`;
    const before = stateOf(input);
    const end = await sandbox.run({ code, policy, timeoutSeconds: 20, input });
    const next = await sandbox.run({
      code: `${head}print(sorted(os.listdir(folder)), open(file).read())`,
      policy,
      timeoutSeconds: 20,
      input,
    });
    const seen = `${end.status} ${end.stdout.trim()}${end.stderr.slice(-200)}`;
    if (stateOf(input) !== before) attempts.push({ name, outcome: 'ESCAPED', detail: `the input changed: ${seen}` });
    else if (next.stdout !== "['file'] as the host wrote it\n")
      attempts.push({ name, outcome: 'ESCAPED', detail: `the next job sees ${next.status} ${next.stdout}` });
    else attempts.push({ name, outcome: end.stdout.startsWith('errno') ? 'BLOCKED' : 'BROKEN', detail: seen });
  }
  return attempts;
}

/** Names, content, times, modes. */
function stateOf(folder: string): string {
  const names = readdirSync(folder).sort();
  const files = names.map((name) => {
    const { mtimeMs, mode, uid, nlink, size } = statSync(join(folder, name));
    const hash = statSync(join(folder, name)).isFile()
      ? createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex')
      : '';
    return [name, mtimeMs, mode, uid, nlink, size, hash];
  });
  return JSON.stringify([files, statSync(folder).mtimeMs]);
}
