/** More memory than the job's limit, of every kind that it can get: all of it is killed, and the answer says why. */
import { type Crossing, crossingProbe, endsAs } from './crossing.js';

/** More than the policy's 96 MiB, and little to a machine. */
const MIBS = 144;

const CODES: Readonly<Record<string, string>> = {
  'an array': `held = bytearray(b"x") * (${MIBS} << 20)`,
  'private pages': `
import mmap
held = mmap.mmap(-1, ${MIBS} << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
for page in range(0, len(held), 4096): held[page] = 1`,
  'shared pages': `
import mmap
held = mmap.mmap(-1, ${MIBS} << 20)
for page in range(0, len(held), 4096): held[page] = 1`,
  // Two pages for each one that is touched: itself, and the table that leads to it.
  'tables of pages': `
import mmap
MAP_NORESERVE = 0x4000
held = mmap.mmap(-1, 40 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_NORESERVE)
held.madvise(mmap.MADV_NOHUGEPAGE)
for page in range(0, len(held), 2 << 20): held[page] = 1`,
  'files in memory': `
import contextlib, tempfile
with contextlib.ExitStack() as stack:
    for place in ("/tmp", "/dev/shm"):
        directory = stack.enter_context(tempfile.TemporaryDirectory(dir=place))
        for number in range(${MIBS / 2}):
            with open(f"{directory}/{number}", "wb") as file: file.write(bytes(1 << 20))`,
  'threads together': `
import threading
held = []
def deep(count):
    held.append(bytearray(b"x") * (1 << 20))
    if count: deep(count - 1)
threads = [threading.Thread(target=deep, args=(${MIBS / 8},)) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()`,
  'a child': `
import os
child = os.fork()
if child == 0:
    held = bytearray(b"x") * (${MIBS} << 20)
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0`,
  'children together': `
import os
read, write = os.pipe()
ready, say = os.pipe()
for _ in range(6):
    if os.fork() == 0:
        os.close(write)
        held = bytearray(b"x") * (${MIBS / 6} << 20)
        os.write(say, b"x")
        os.read(read, 1)
        os._exit(0)
count = 0
while count < 6: count += len(os.read(ready, 6))`,
};

const wrong: Crossing['wrong'] = (result, { program }) => {
  const limit = Number(program.limits.memoryMax);
  if (result.enforced.cgroup.limits.memory !== limit) return `the receipt has ${result.enforced.cgroup.limits.memory}`;
  const peak = result.memory_peak ?? Number.POSITIVE_INFINITY;
  if (peak > limit || peak < limit / 2) return `peak ${peak} of ${limit}`;
  return endsAs('oom_killed', result);
};

export const probe = crossingProbe(
  ['memory'],
  Object.fromEntries(
    Object.entries(CODES).map(([name, code]): [string, Crossing] => [
      name,
      { code: `${code}\nprint("through")`, wrong },
    ]),
  ),
);
