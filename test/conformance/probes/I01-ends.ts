/** Every way in which an interpreter can end: the answer says that one. */
import { type End, type HostileJob, hostileJobsProbe } from './hostile-jobs.js';

const exits =
  (code: number) =>
  ({ status, exit_code, signal }: End): boolean =>
    status === (code === 0 ? 'ok' : 'error') && exit_code === code && signal === null;

const dies =
  (number: number) =>
  ({ status, exit_code, signal }: End): boolean =>
    status === 'signaled' && exit_code === null && signal === number;

const late = (code: string): string => `import atexit\ndef end():\n    ${code}\natexit.register(end)\n`;
const inThread = (code: string): string =>
  `import threading\nthread = threading.Thread(target=lambda: ${code})\nthread.start()\nthread.join()`;

const [SIGABRT, SIGKILL, SIGSEGV, SIGTERM, SIGBUS] = [6, 9, 11, 15, 7];

const jobs: Record<string, HostileJob> = {
  'os._exit': { code: 'import os; os._exit(0)', holds: exits(0) },
  'os._exit with a code': { code: 'import os; os._exit(7)', holds: exits(7) },
  'os._exit of a thread': { code: `import os\n${inThread('os._exit(5)')}`, holds: exits(5) },
  'sys.exit of a thread': { code: `import sys\n${inThread('sys.exit(5)')}\nsys.exit(3)`, holds: exits(3) },
  'SystemExit at the end': { code: `${late('raise SystemExit(9)')}import sys; sys.exit(4)`, holds: exits(4) },
  'os._exit at the end': { code: `import os\n${late('os._exit(8)')}`, holds: exits(8) },
  'exit of libc': { code: 'import ctypes; ctypes.CDLL(None).exit(9)', holds: exits(9) },
  'quick_exit of libc': { code: 'import ctypes; ctypes.CDLL(None).quick_exit(10)', holds: exits(10) },
  'a code of nine bits': { code: 'import ctypes; ctypes.CDLL(None).exit(0x103)', holds: exits(3) },
  'exit_group by number': { code: 'import ctypes; ctypes.CDLL(None).syscall(231, 11)', holds: exits(11) },
  'the main thread ends before another': {
    code: `
import ctypes, os, threading, time
threading.Thread(target=lambda: (time.sleep(0.1), os._exit(12))).start()
ctypes.CDLL(None).syscall(60, 0)`,
    holds: exits(12),
  },
  'a bad address': { code: 'import ctypes; ctypes.string_at(0)', holds: dies(SIGSEGV) },
  'a bad address of a thread': { code: `import ctypes\n${inThread('ctypes.string_at(0)')}`, holds: dies(SIGSEGV) },
  'a bad address at the end': { code: `import ctypes\n${late('ctypes.string_at(0)')}`, holds: dies(SIGSEGV) },
  'a page beyond the end of a file': {
    code: `
import mmap, os
file = os.open("/tmp/short-%d" % os.getpid(), os.O_RDWR | os.O_CREAT)
os.truncate(file, 4096)
memory = mmap.mmap(file, 4096)
os.truncate(file, 0)
memory[0]`,
    holds: dies(SIGBUS),
  },
  abort: { code: 'import os; os.abort()', holds: dies(SIGABRT) },
  'a fatal error': { code: 'import ctypes; ctypes.pythonapi.Py_FatalError(b"by the job")', holds: dies(SIGABRT) },
  SIGKILL: { code: 'import os; os.kill(os.getpid(), 9)', holds: dies(SIGKILL) },
  SIGTERM: { code: 'import os; os.kill(os.getpid(), 15); import time; time.sleep(5)', holds: dies(SIGTERM) },
  'SIGTERM at the end': {
    code: `import os, time\n${late('os.kill(os.getpid(), 15); time.sleep(5)')}`,
    holds: dies(SIGTERM),
  },
  KeyboardInterrupt: { code: 'raise KeyboardInterrupt', holds: exits(130) },
  'an own BaseException': { code: 'class End(BaseException): pass\nraise End', holds: exits(1) },
};

// Without the worker's word these are all the same to it: the kernel's word is that they are not.
const ORDINARY = ['KeyboardInterrupt', 'an own BaseException'];

export const probe = hostileJobsProbe(
  Object.fromEntries(
    Object.entries(jobs).map(([name, job]) => {
      // What a trusting worker can tell as well needs a lie to be a probe: the interpreter's own functions are changed before.
      return [
        name,
        ORDINARY.includes(name) ? { ...job, code: `import builtins\nbuiltins.print = None\n${job.code}` } : job,
      ];
    }),
  ),
);
