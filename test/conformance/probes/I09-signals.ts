/** Jobs that hear no signal, stop themselves or are flooded: the deadline ends each. */
import { type End, type HostileJob, hostileJobsProbe } from './hostile-jobs.js';

const timesOut = ({ status, timed_out, exit_code }: End): boolean =>
  status === 'timed_out' && timed_out === true && exit_code === null;

const IGNORE = `
import signal
for number in signal.valid_signals():
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
`;

const codes = {
  'ignores all': `${IGNORE}while True: pass`,
  'blocks all': `${IGNORE}signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())\nwhile True: pass`,
  'blocks all and waits': `${IGNORE}signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())\nimport time; time.sleep(60)`,
  'a handler without end': `
import os, signal
def handler(*_):
    while True: pass
signal.signal(signal.SIGTERM, handler)
os.kill(os.getpid(), signal.SIGTERM)`,
  'stops itself': 'import os, signal; os.kill(os.getpid(), signal.SIGSTOP)',
  'stops itself as a terminal would':
    'import os, signal; os.kill(os.getpid(), signal.SIGTSTP); import time; time.sleep(60)',
  'stops its thread': 'import ctypes, os; ctypes.CDLL(None).syscall(234, os.getpid(), os.getpid(), 19)',
  'a storm of timers': `
import signal
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 1e-6, 1e-6)
while True: pass`,
  'waits for ever': 'import signal; signal.pause()',
  'waits for a signal that is blocked': `
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
signal.sigwait({signal.SIGUSR1})`,
  'signals itself without end': `
import os, signal
signal.signal(signal.SIGUSR1, lambda *_: None)
while True: os.kill(os.getpid(), signal.SIGUSR1)`,
} as const;

const jobs: Record<string, HostileJob> = Object.fromEntries(
  Object.entries(codes).map(([name, code]) => [name, { code, fields: { timeout_secs: 0.5 }, holds: timesOut }]),
);

export const probe = hostileJobsProbe(jobs);
