# A path that does not exist below the sandbox's root, or is one of the host's state, is an escape; ENOENT: none is found. The
# control has the directory of the canary mapped, which shows that it would be found.
import ctypes
import errno
import mmap
import os

if not SANDBOXED:
    with open(CANARY["secret"], "rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)

# Where the host has the canary, and with it the state and the runtimes of the daemon under test.
HOST = os.path.dirname(os.path.dirname(CANARY["secret"]))


def absent(paths):
    found = [path for path in paths if path.startswith("/") and (HOST in path or not os.path.exists(path))]
    if found:
        return found
    raise OSError(errno.ENOENT, "none")


def auxiliary(kind):
    libc = ctypes.CDLL(None)
    libc.getauxval.restype = ctypes.c_ulong
    address = libc.getauxval(ctypes.c_ulong(kind))
    return ctypes.string_at(address).decode() if address else ""


def mapped_files():
    with open("/proc/self/maps") as maps:
        return {line.split(maxsplit=5)[5].strip() for line in maps if len(line.split(maxsplit=5)) == 6}


AT_PLATFORM, AT_BASE_PLATFORM, AT_EXECFN = 15, 24, 31
# What the control cannot have otherwise.
more = [] if SANDBOXED else [CANARY["secret"]]
attempt("AT_EXECFN", lambda: absent([auxiliary(AT_EXECFN), *more]))
attempt("AT_BASE_PLATFORM", lambda: absent([auxiliary(AT_BASE_PLATFORM), auxiliary(AT_PLATFORM), *more]))
attempt("memory map", lambda: absent(mapped_files()))
attempt("executable", lambda: absent([os.readlink("/proc/self/exe"), *more]))
attempt("working directory", lambda: absent([os.getcwd(), os.readlink("/proc/self/root"), *more]))
