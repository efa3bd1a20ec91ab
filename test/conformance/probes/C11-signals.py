# Signal 0 only asks whether one could be sent. The numbers are tried one by one, those of this sandbox left out.
import errno
import os

outside = CANARY["pid"]
# The highest that pid_max(5) of a 16-bit host has, and some of one with more.
NUMBERS = [*range(1, 65536), *range(1 << 17, (1 << 22) + 1, 1 << 12)]


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
    for pid in range(1, 4096):
        if pid not in mine:
            try:
                syscall("tgkill", pid, pid, 0)
                return f"{pid} is there"
            except OSError as error:
                if error.errno != errno.ESRCH:
                    raise
    raise OSError(errno.ESRCH, "nobody")


def group_of_canary():
    return os.kill(-os.getpgid(outside), 0)


attempt("every number", lambda: any_of(NUMBERS))
attempt("every group", lambda: any_of([-number for number in NUMBERS if number > 1]))
attempt("the group of the canary", group_of_canary)
attempt("all at once", lambda: os.kill(-1, 0))
attempt("the canary, asked", lambda: os.kill(outside, 0))
attempt("the canary with a high half", lambda: syscall("kill", outside | 1 << 32, 0))
attempt("tgkill, asked", lambda: syscall("tgkill", outside, outside, 0))
attempt("by descriptor", lambda: syscall("pidfd_open", outside, 0))
attempt("by descriptor of a thread", lambda: syscall("pidfd_open", outside, os.O_EXCL))
attempt("to a descriptor", lambda: syscall("pidfd_send_signal", -1, 0, 0, 0))
attempt("tkill", lambda: syscall("tkill", outside, 0))
attempt("queued", lambda: syscall("rt_sigqueueinfo", outside, 10, 0))
attempt("queued to a thread", lambda: syscall("rt_tgsigqueueinfo", outside, outside, 10, 0))
attempt("the canary, stopped", lambda: os.kill(outside, 19))
attempt("the canary, killed", lambda: os.kill(outside, 9))
