/** A job that closes or replaces everything it has, and goes on. */
import { type End, type HostileJob, hostileJobsProbe, isOwnEnd } from './hostile-jobs.js';

/** 120 where the streams could not be flushed, as Python ends then. */
const isFailure = ({ status, exit_code }: End): boolean => status === 'error' && (exit_code === 1 || exit_code === 120);

const REPLACE = 'for number in range(256):\n    try: os.dup2(file, number)\n    except OSError: pass\n';

const jobs: Record<string, HostileJob> = {
  'closes all': { code: 'import os; os.closerange(0, 4096)', holds: isOwnEnd },
  'closes all, then prints': { code: 'import os; os.closerange(0, 4096); print("gone")', holds: isOwnEnd },
  'closes all, then fails': {
    code: 'import os; os.closerange(0, 4096); 1 / 0',
    holds: isFailure,
  },
  'closes all, then ends with a code': {
    code: 'import os; os.closerange(0, 4096); os._exit(7)',
    holds: ({ status, exit_code }) => status === 'error' && exit_code === 7,
  },
  'puts a file everywhere': {
    code: `import os\nfile = os.open("/tmp/everywhere", os.O_RDWR | os.O_CREAT)\n${REPLACE}print("into the file")`,
    holds: (end) => isOwnEnd(end) && end.stdout === '',
  },
  'puts a file everywhere, then fails': {
    code: `import os\nfile = os.open("/tmp/everywhere", os.O_RDWR | os.O_CREAT)\n${REPLACE}1 / 0`,
    // The claim of an exception has nowhere to go, and the exit code is the kernel's.
    holds: (end) => isFailure(end) && end.error === null,
  },
  'puts a pipe of its own everywhere': {
    code: `import os\nfile = os.pipe()[1]\n${REPLACE}raise ValueError("x" * 4096)`,
    holds: isFailure,
  },
  'makes output its input': {
    code: 'import os; os.dup2(1, 0); os.read(0, 1)',
    holds: isFailure,
    stopsTrusting: true,
  },
  'closes its output and waits': {
    code: 'import os, time; os.closerange(0, 4096); time.sleep(60)',
    fields: { timeout_secs: 1 },
    // The end of the pipes is not the end of the job.
    holds: ({ status, timed_out }) => status === 'timed_out' && timed_out === true,
  },
  'does not wait and does not block': {
    code: 'import os\nfor number in (1, 2, 4): os.set_blocking(number, False)\nos.write(1, b"x" * (1 << 20))\nos._exit(3)',
    holds: ({ exit_code }) => exit_code === 3,
  },
};

export const probe = hostileJobsProbe(jobs);
