# Signal 0 only asks whether one could be sent: whatever comes but ESRCH says that somebody is there. The numbers are tried one by
# one, those of this sandbox left out.
import errno
import os
import time

# The highest that pid_max(5) of a 16-bit host has, and some of one with more.
NUMBERS = [*range(1, 65536), *range(1 << 17, (1 << 22) + 1, 1 << 12)]

if not SANDBOXED:
    # Of a group of its own, which the suite's processes need not be.
    suite = os.getpid()
    if os.fork() == 0:
        os.setpgid(0, 0)
        while os.getppid() == suite:
            time.sleep(0.05)
        os._exit(0)


def of_sandbox():
    """Processes that can be seen, and their groups. Unconfined these are everybody's: there only the own one is left out."""
    seen = [int(name) for name in os.listdir("/proc") if name.isdigit()] if SANDBOXED else [os.getpid()]
    return {*seen, *(-os.getpgid(pid) for pid in seen)}


def any_of(pids):
    mine = of_sandbox()
    for pid in pids:
        if pid in mine:
            continue
        try:
            os.kill(pid, 0)
            return f"{pid} is there"
        except OSError as error:
            if error.errno != errno.ESRCH:
                return f"{pid} is there: {errno.errorcode[error.errno]}"
    raise OSError(errno.ESRCH, "nobody")


def every_thread():
    mine = of_sandbox()
    for pid in range(1, 512):
        if pid not in mine:
            try:
                syscall("tgkill", pid, pid, 0)
                return f"{pid} is there"
            except OSError as error:
                if error.errno != errno.ESRCH:
                    raise
    raise OSError(errno.ESRCH, "nobody")


attempt("every number", lambda: any_of(NUMBERS))
attempt("every group", lambda: any_of([-number for number in NUMBERS if number > 1]))
attempt("every thread", every_thread)
attempt("all at once", lambda: os.kill(-1, 0))
