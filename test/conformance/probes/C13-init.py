# The control asks with signal 0 only: the init of its namespace is the runner's. A signal that the kernel answers without sending
# (pid_namespaces(7)) leaves the init as it was, which counts as refused: EPERM.
import errno
import os
import time


def state():
    with open("/proc/1/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return fields[0] in "RSD", fields[19]


def sent(send, signal):
    before = state()
    send(signal if SANDBOXED else 0)
    if not SANDBOXED:
        return "could be sent"
    time.sleep(0.02)
    if state() == before and before[0]:
        raise OSError(errno.EPERM, "without effect")
    return before, state()


SIGNALS = {"KILL": 9, "STOP": 19, "TSTP": 20, "SEGV": 11, "TERM": 15, "CHLD": 17, "USR1": 10, "ALRM": 14, "real time": 34}
for name, signal in SIGNALS.items():
    attempt(f"kill {name}", lambda: sent(lambda number: os.kill(1, number), signal))
    attempt(f"tgkill {name}", lambda: sent(lambda number: syscall("tgkill", 1, 1, number), signal))
