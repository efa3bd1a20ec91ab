# title: signal handlers, alarms and timers
# stdout: "['SIGUSR1', 'SIGALRM', 'timer']\n"
# impossible:
#   strict: strict sends no signals, and has neither timers nor threads
import os
import signal
import threading

seen = []
signal.signal(signal.SIGUSR1, lambda number, frame: seen.append('SIGUSR1'))
os.kill(os.getpid(), signal.SIGUSR1)
rung = threading.Event()
signal.signal(signal.SIGALRM, lambda number, frame: (seen.append('SIGALRM'), rung.set()))
signal.setitimer(signal.ITIMER_REAL, 0.002)
rung.wait(5)
timer = threading.Timer(0.001, seen.append, ['timer'])
timer.start()
timer.join()
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
signal.raise_signal(signal.SIGUSR2)
assert signal.sigtimedwait([signal.SIGUSR2], 1).si_signo == signal.SIGUSR2
print(seen)
