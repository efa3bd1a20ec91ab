# ENOENT: there is no terminal, or what is found began inside.
import errno
import fcntl
import os
import termios


def none():
    raise OSError(errno.ENOENT, "none")


def of_stat(field):
    """A field of /proc/self/stat, numbered as in proc_pid_stat(5)."""
    with open("/proc/self/stat") as stat:
        return int(stat.read().rsplit(")", 1)[1].split()[field - 3])


def session():
    # A session or a group from outside of the PID namespace has the number 0 inside; the control's is its parent's.
    if SANDBOXED and os.getsid(0) > 0 and os.getpgid(0) > 0:
        none()
    return os.getsid(0), os.getpgid(0)


def opened(path):
    return os.open(path, os.O_RDWR | os.O_NOCTTY)


attempt("session", session)
# The control's terminal, if it has one, is that of whoever runs the suite: it is only opened.
for device in ("tty", "ptmx", "pts/ptmx"):
    attempt(device, lambda: opened(f"/dev/{device}"))
attempt("console", lambda: opened("/dev/console"))
attempt("terminals", lambda: os.stat("/dev/pts"))
def terminal_of_session():
    if not SANDBOXED:
        _, terminal = os.openpty()
        os.setsid()
        fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    return of_stat(7) or none()


def is_terminal(descriptor):
    if SANDBOXED:
        return os.isatty(descriptor) or none()
    # The control's is a terminal for a moment: its report may go the same way.
    saved = os.dup(descriptor)
    os.dup2(os.openpty()[1], descriptor)
    found = os.isatty(descriptor)
    os.dup2(saved, descriptor)
    return found or none()


attempt("terminal of the session", terminal_of_session)
for descriptor in (0, 1, 2):
    attempt(f"terminal on {descriptor}", lambda: is_terminal(descriptor))
