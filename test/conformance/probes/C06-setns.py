import os

TYPES = {"any": 0, "user": CLONE_NEWUSER, "mount": CLONE_NEWNS, "time": CLONE_NEWTIME}
FILES = ("mnt", "pid_for_children", "net", "user")


def joined(pid, file):
    # The type is wrong on purpose, and then refused by the handler: a control never goes anywhere.
    try:
        descriptor = os.open(f"/proc/{pid}/ns/{file}", os.O_RDONLY)
    except OSError:
        descriptor = 0
    return syscall("setns", descriptor, 0x80)


for name, kind in TYPES.items():
    attempt(f"standard input as {name}", lambda: syscall("setns", 0, kind))
for file in FILES:
    attempt(f"own {file}", lambda: joined("self", file))
attempt("of the init", lambda: joined(1, "mnt"))
attempt("no descriptor", lambda: syscall("setns", -1, 0))
attempt("a descriptor of the init", lambda: syscall("pidfd_open", 1, 0))
# NS_GET_USERNS, NS_GET_PARENT, NS_GET_NSTYPE, NS_GET_OWNER_UID, and the descriptor of a process's namespace (PIDFD_GET_*).
for request in (0xB701, 0xB702, 0xB703, 0xB704, 0xB705, 0xFF04):
    attempt(f"request {request:#x}", lambda: syscall("ioctl", 0, request, 0))
