/** State of the process that a job leaves behind. */
import { rememberedProbe } from './remembered.js';

export const probe = rememberedProbe({
  'a global': 'of_the_job = 1',
  'a module': 'import sys, types\nsys.modules["of_the_job"] = types.ModuleType("of_the_job")',
  'a module that was not loaded': 'import wave, sys\nsys.modules["again"] = wave',
  'the path of modules': 'import sys\nsys.path.insert(0, "/tmp")',
  'the working directory': 'import os\nos.chdir("/usr")',
  'the umask': 'import os\nos.umask(0)',
  'the environment': 'import os\nos.environ["OF_THE_JOB"] = "1"\nos.environ.pop("LANG", None)',
  'the time zone': 'import os, time\nos.environ["TZ"] = "Asia/Tokyo"\ntime.tzset()',
  'the locale':
    'import locale\nlocale.setlocale(locale.LC_ALL, "C" if locale.setlocale(locale.LC_ALL) != "C" else "C.UTF-8")',
  'a handler': 'import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)',
  'the mask of signals': 'import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})',
  'a timer':
    'import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nsignal.setitimer(signal.ITIMER_REAL, 100, 100)',
  'a file': 'open("/tmp/of-the-job", "w").close()',
  'a file in shared memory': 'open("/dev/shm/of-the-job", "w").close()',
  'a thread': 'import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()',
  'the depth of recursion': 'import sys\nsys.setrecursionlimit(5000)',
  'the digits of integers': 'import sys\nsys.set_int_max_str_digits(0)',
  'the dump of faults': 'import faulthandler, os\nfaulthandler.enable(file=os.dup(1))',
  'the turns of threads': 'import sys\nsys.setswitchinterval(1)',
});
