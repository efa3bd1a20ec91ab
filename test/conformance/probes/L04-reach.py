# Tries WAY, one of all that a process can do to another one, on each of NUMBERS; says whether any was let through.
import ctypes
import os
import signal

libc = ctypes.CDLL(None, use_errno=True)
PTRACE_SEIZE, PIDFD_OPEN, READV, TGKILL = 0x4206, 434, 310, 234
word = ctypes.create_string_buffer(64)


def checked(result):
    if result == -1:
        raise OSError(ctypes.get_errno(), "refused")
    return result


# An iovec (process_vm_readv(2)).
def span(address):
    return (ctypes.c_uint64 * 2)(address, 8)


def read(path):
    with open(path, "rb", buffering=0) as file:
        file.read(1)


# The ones that end or stop it come last.
WAYS = {
    "its status": lambda pid: read(f"/proc/{pid}/status"),
    "its command line": lambda pid: read(f"/proc/{pid}/cmdline"),
    "its memory": lambda pid: os.close(os.open(f"/proc/{pid}/mem", os.O_RDONLY)),
    "its descriptors": lambda pid: os.listdir(f"/proc/{pid}/fd"),
    "its root": lambda pid: os.listdir(f"/proc/{pid}/root/"),
    "its priority": lambda pid: os.setpriority(os.PRIO_PROCESS, pid, 19),
    "its processors": lambda pid: os.sched_setaffinity(pid, os.sched_getaffinity(pid)),
    "its limits": lambda pid: checked(libc.prlimit(pid, 7, None, word)),
    "its group": lambda pid: os.getpgid(pid),
    "a descriptor of it": lambda pid: os.close(checked(libc.syscall(PIDFD_OPEN, pid, 0))),
    "its words": lambda pid: checked(libc.process_vm_readv(pid, span(ctypes.addressof(word)), 1, span(0x1000), 1, 0)),
    "tracing": lambda pid: checked(libc.ptrace(PTRACE_SEIZE, pid, None, None)),
    "a signal to a thread": lambda pid: checked(libc.syscall(TGKILL, pid, pid, 0)),
    "SIGSTOP": lambda pid: os.kill(pid, signal.SIGSTOP),
    "SIGKILL": lambda pid: os.kill(pid, signal.SIGKILL),
}
through = 0
for pid in NUMBERS:
    try:
        # Its own is not another's; below two are inits and groups.
        if pid > 1 and pid != os.getpid():
            WAYS[WAY](pid)
            through += 1
    except (OSError, AttributeError):
        pass
print("through" if through else "refused")
