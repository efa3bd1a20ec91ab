# What works in the control is about the child that makes the attempt, and ends with it.
import struct

SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE, SCHED_DEADLINE, SCHED_EXT = 1, 2, 3, 5, 6, 7
FIRST = struct.pack("<i", 1)


def attributes(policy, *deadline):
    """struct sched_attr of sched_setattr(2)."""
    runtime, limit, period = deadline or (0, 0, 0)
    priority = 1 if policy in (SCHED_FIFO, SCHED_RR) else 0
    return struct.pack("<IIQiIQQQ", 48, policy, 0, 0, priority, runtime, limit, period)


for name, policy in {"FIFO": SCHED_FIFO, "RR": SCHED_RR, "FIFO kept by fork": SCHED_FIFO | 0x40000000}.items():
    attempt(f"sched_setscheduler {name}", lambda: syscall("sched_setscheduler", 0, policy, FIRST))
attempt("sched_setscheduler BATCH", lambda: syscall("sched_setscheduler", 0, SCHED_BATCH, bytes(4)))
attempt("sched_setparam", lambda: syscall("sched_setparam", 0, FIRST))
for name, policy in {"FIFO": SCHED_FIFO, "DEADLINE": SCHED_DEADLINE, "IDLE": SCHED_IDLE, "EXT": SCHED_EXT}.items():
    attempt(f"sched_setattr {name}", lambda: syscall("sched_setattr", 0, attributes(policy, 10**6, 10**7, 10**7), 0))
for name, which, who in (("own", 0, 0), ("the group's", 1, 0), ("the user's", 2, 0)):
    # The control asks for its own only, whatever the attempt is called.
    attempt(f"setpriority of {name}", lambda: syscall("setpriority", which if SANDBOXED else 0, who, -20))
attempt("ioprio_set real time", lambda: syscall("ioprio_set", 1, 0, 1 << 13))
attempt("ioprio_set of the user", lambda: syscall("ioprio_set", 3 if SANDBOXED else 99, 0, 1 << 13))
attempt("sched_setaffinity to all", lambda: syscall("sched_setaffinity", 0, 128, b"\xff" * 128))
attempt("sched_setaffinity of the init", lambda: syscall("sched_setaffinity", 1 if SANDBOXED else 0, 8, bytes(8)))
attempt("mlockall", lambda: syscall("mlockall", 0xFFFF))
attempt("set_mempolicy", lambda: syscall("set_mempolicy", 0xFFFF, 0, 0))
attempt("migrate_pages", lambda: syscall("migrate_pages", 0x7FFFFFFF, 0, 0, 0))
attempt("move_pages", lambda: syscall("move_pages", 0x7FFFFFFF, 0, 0, 0, 0, 0))
