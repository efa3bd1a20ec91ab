# Attempts at limits of setrlimit(2), each given as data: what follows calls _limit_attempts with what was derived from the policy.

_MAP_PRIVATE, _MAP_ANONYMOUS, _MAP_LOCKED = 2, 0x20, 0x2000  # asm-generic/mman-common.h


def _limit_attempts(attempts):
    for one in attempts:
        attempt(one["name"], lambda: _LIMIT_ACTIONS[one["do"]](**one["with"]))


def _valued(resource, limit):
    """The kernel's own value, which setrlimit(2) has no part in."""
    content = buffer(size=16)
    syscall("prlimit64", 0, resource, None, content)
    soft, hard = (int.from_bytes(content.raw[at : at + 8], "little") for at in (0, 8))
    if soft > limit or hard > limit:
        return f"{soft}, at most {hard}"
    raise Held(f"{soft}, at most {hard}")


def _opened_all(limit):
    held = []
    try:
        while len(held) <= limit:
            held.append(syscall("fcntl", 1, F_DUPFD, 0, quiet=len(held) > 0))
    finally:
        for file in held:
            _os.close(file)
    return f"{len(held)} descriptors"


def _grown(directory, limit):
    """The last byte of the limit has a place, the one behind it has none. Nothing is written before them."""
    path = f"{directory}/leeward-probe-size"
    file = syscall("openat", AT_FDCWD, path.encode() + b"\0", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
    _os.lseek(file, limit - 1, _os.SEEK_SET)
    if _os.write(file, b"x") != 1:
        raise RuntimeError("the last byte was not written")
    _os.lseek(file, limit, _os.SEEK_SET)
    _os.write(file, b"x")
    return f"a file of {limit + 1} bytes"


def _locked(limit):
    size = limit + (1 << 20)
    flags = _MAP_PRIVATE | _MAP_ANONYMOUS | _MAP_LOCKED
    return hex(syscall("mmap", None, size, PROT_READ | PROT_WRITE, flags, -1, 0))


def _stacked(size):
    """A byte so far beneath the end of the main thread's stack. The kernel lets the stack grow down to it, or ends the process."""
    import ctypes

    end = ctypes.c_void_p.in_dll(ctypes.CDLL(None), "__libc_stack_end").value
    ctypes.memset(end - size, 0, 1)
    return f"{size} bytes"


def _namespaced():
    return syscall("unshare", CLONE_NEWUSER)


_LIMIT_ACTIONS = {
    "value": _valued,
    "descriptors": _opened_all,
    "size": _grown,
    "locked": _locked,
    "stack": _stacked,
    "user namespace": _namespaced,
}
