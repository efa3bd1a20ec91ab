import os

KINDS = ("mnt", "pid", "pid_for_children", "net", "user", "uts", "ipc", "cgroup", "time", "time_for_children")
TYPES = {"mnt": CLONE_NEWNS, "net": CLONE_NEWNET, "uts": CLONE_NEWUTS, "ipc": CLONE_NEWIPC, "cgroup": CLONE_NEWCGROUP}
NS_REQUESTS = (0xB701, 0xB702, 0xB703, 0xB704)  # linux/nsfs.h: the owner, the parent, the kind, the owner's uid
PIDFD_REQUESTS = range(0xFF01, 0xFF0B)  # linux/pidfd.h: a descriptor of a namespace of the process
PIDFD_SELF = -10000  # linux/fcntl.h: the calling thread, for calls that take a descriptor of a process


def namespace(pid, kind):
    try:
        return os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY)
    except OSError:
        return 0  # the call is what is tried, whatever the path was


def entered(pid, kind):
    # The type is wrong on purpose, so that the handler refuses it.
    return syscall("setns", namespace(pid, kind), 0x80)


def joined_own(kind):
    """Into the namespace where one is: the control may, for nothing comes of it."""
    return syscall("setns", namespace("self", kind), TYPES[kind])


for kind in KINDS:
    attempt(f"own {kind}", lambda: entered("self", kind))
for kind in TYPES:
    attempt(f"{kind} with its type", lambda: joined_own(kind))
attempt("of the init", lambda: entered(1, "mnt"))
attempt("of the canary", lambda: entered(CANARY["pid"], "mnt"))
attempt("standard input", lambda: syscall("setns", 0, 0))
attempt("no descriptor", lambda: syscall("setns", -1, CLONE_NEWUSER))
attempt("oneself without a descriptor", lambda: syscall("setns", PIDFD_SELF, 0x80))
attempt("a descriptor of the init", lambda: syscall("pidfd_open", 1, 0))
attempt("a descriptor of oneself", lambda: syscall("pidfd_open", os.getpid(), 0))
for request in (*NS_REQUESTS, *PIDFD_REQUESTS):
    attempt(f"request {request:#x}", lambda: syscall("ioctl", 0, request, 0))
