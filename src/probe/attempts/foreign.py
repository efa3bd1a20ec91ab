# Calls of another ABI that a process of this one can make: what follows calls _foreign_attempts with what was derived.

_MAP_PRIVATE = 2  # asm-generic/mman-common.h


def _foreign_attempts(attempts):
    for one in attempts:
        attempt(one["name"], lambda: _called_by(**one["with"]))


def _called_by(code):
    """Runs machine code that makes the call and returns its result."""
    import ctypes

    text = bytes.fromhex(code)
    flags = _MAP_PRIVATE | MAP_ANONYMOUS
    try:
        memory = syscall("mmap", None, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, flags, -1, 0)
    except OSError as error:
        raise Unprepared(error.errno, error.strerror) from error
    ctypes.memmove(memory, text, len(text))
    return ctypes.CFUNCTYPE(ctypes.c_long)(memory)()
