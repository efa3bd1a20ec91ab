/** What a job writes to its streams, says of itself, and leaves when it crashes: cut at the policy's limits. */
import { type Crossing, crossingProbe, endsAs } from './crossing.js';

const stream = (name: 'stdout' | 'stderr'): Crossing => ({
  // Outside nobody counts: the text is through when the last of it was taken.
  code: `
import sys
for _ in range(64): sys.${name}.write("x" * 65536)
sys.${name}.flush()
print("through", flush=True)`,
  wrong: (result, { program }) => {
    const limit = Number(name === 'stdout' ? program.limits.stdoutMax : program.limits.stderrMax);
    const length = Buffer.byteLength(String(result[name]));
    if (length !== limit) return `${length} bytes of at most ${limit}`;
    if (!result.truncated[name]) return 'not flagged';
    return endsAs('output_limit', result);
  },
});

export const probe = crossingProbe([], {
  'standard output': stream('stdout'),
  'standard error': stream('stderr'),
  'an exception': {
    code: 'raise ValueError("x" * (1 << 14))',
    through: ({ stderr }) => stderr.length > 1 << 14,
    wrong: ({ status, error }, { program }) => {
      const length = Buffer.byteLength(`${error?.name}${error?.value}${error?.traceback}`);
      const limit = Number(program.limits.claimsMax);
      return status === 'error' && length <= limit ? undefined : `${status}, ${length} bytes of at most ${limit}`;
    },
  },
  'a core dump': {
    // By the kernel's own flag, which it sets also where a program gets the dump.
    code: `
import os, resource, tempfile
place = tempfile.TemporaryDirectory()
os.chdir(place.name)
try:
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
except (OSError, ValueError):
    pass
child = os.fork()
if child == 0:
    os.abort()
_, status = os.waitpid(child, 0)
if os.WCOREDUMP(status) or os.listdir("."):
    print("through")
place.cleanup()`,
    wrong: ({ status, stdout }) => (status === 'ok' && stdout === '' ? undefined : `${status}: ${stdout}`),
  },
});
