/** What goes on after the last line: threads, hooks and destructors that do not come to an end. */
import { type End, type HostileJob, hostileJobsProbe } from './hostile-jobs.js';

const timesOut = ({ status, timed_out }: End): boolean => status === 'timed_out' && timed_out === true;
const fields = { timeout_secs: 1 };
const FOREVER = 'while True: pass';

const jobs: Record<string, HostileJob> = {
  'atexit without end': {
    code: `import atexit\n@atexit.register\ndef end():\n    ${FOREVER}`,
    fields,
    holds: timesOut,
  },
  'atexit that registers itself': {
    code: 'import atexit\ndef end():\n    atexit.register(end)\n    while True: pass\nend()',
    fields,
    holds: timesOut,
  },
  'a destructor without end': {
    code: `class Kept:\n    def __del__(self):\n        ${FOREVER}\nkept = Kept()\ndel kept`,
    fields,
    holds: timesOut,
  },
  'a finalizer without end': {
    code: `import weakref\nclass Kept: pass\nkept = Kept()\ndef end():\n    ${FOREVER}\nweakref.finalize(kept, end)\ndel kept`,
    fields,
    holds: timesOut,
  },
  'a thread without end': {
    code: `import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()\nraise SystemExit`,
    fields,
    // A worker that takes the exception for the end answers too early.
    holds: timesOut,
  },
  'a stream whose flush has no end': {
    code: `import sys, io\nclass Stream(io.StringIO):\n    def flush(self):\n        ${FOREVER}\nsys.stdout = Stream()\nsys.stdout.flush()`,
    fields,
    holds: timesOut,
  },
  'a thread that goes on printing': {
    code: `
import os, threading
def go_on():
    while True: os.write(1, b"late\\n")
threading.Thread(target=go_on, daemon=True).start()
import time; time.sleep(0.05)`,
    holds: ({ status, stdout }) => (status === 'ok' || status === 'output_limit') && /^(late\n)+/.test(String(stdout)),
    next: { code: 'import threading; print(threading.active_count())', prints: '1\n' },
  },
  'a thread that starts others for ever': {
    code: `
import threading, time
def again():
    time.sleep(0.001)
    try: threading.Thread(target=again).start()
    except RuntimeError: pass
again()
time.sleep(0.2)
raise SystemExit`,
    fields,
    holds: timesOut,
  },
};

export const probe = hostileJobsProbe(jobs);
