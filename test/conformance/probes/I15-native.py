# What native code could do to its own process by the files that proc has for that. Opening is what is tried: the control changes nothing.
import ctypes
import os

WRITABLE = (
    "mem", "clear_refs", "coredump_filter", "oom_score_adj", "oom_adj", "comm", "timerslack_ns", "sched", "autogroup", "loginuid",
    "attr/current", "attr/exec", "setgroups", "uid_map", "timens_offsets",
)  # fmt: skip


def opened(path):
    if not SANDBOXED and not os.path.exists(path):
        path = "/proc/self/mem"  # a kernel may be built without some
    return os.open(path, os.O_WRONLY)


def loaded():
    return ctypes.CDLL(None).getpid()


for name in WRITABLE:
    attempt(name, lambda: opened(f"/proc/self/{name}"))
attempt("mem of a thread", lambda: opened("/proc/thread-self/mem"))
attempt("mem to read", lambda: os.open("/proc/self/mem", os.O_RDWR))
attempt("the program itself", loaded)
attempt("memory of oneself by call", lambda: syscall("process_vm_writev", os.getpid(), 0, 1, 0, 1, 0))
attempt("advice to oneself by call", lambda: syscall("process_madvise", -1, 0, 0, 0, 0))
attempt("the layout of memory", lambda: syscall("prctl", PR_SET_MM, 0xFFFF, 0, 0, 0))
attempt("a key for memory", lambda: syscall("pkey_alloc", 0xFF, 0))
attempt("memory that cannot be seen", lambda: syscall("memfd_secret", 0xFF))
attempt("memory with a name", lambda: syscall("memfd_create", 0, 0xFFFF))
attempt("another order of pages", lambda: syscall("remap_file_pages", 1, 1, 1, 0, 0))
