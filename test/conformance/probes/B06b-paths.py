# Paths that end where memory does, or never: whoever reads them in the job's place must not read beyond.
import ctypes
import errno
import mmap

PAGE, PATH_MAX = 4096, 4096
CALLS = {
    "chroot": lambda path: syscall("chroot", path),
    "execve": lambda path: syscall("execve", path, 0, 0),
    "setxattr": lambda path: syscall("setxattr", path, path, path, 1, 0),
}
kept = []


def before_a_hole(text, inside):
    """Where `text` begins so that its first `inside` bytes end a page; the next one cannot be read."""
    memory = mmap.mmap(-1, 2 * PAGE)
    kept.append(memory)
    start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    memory[PAGE - inside : PAGE - inside + len(text)] = text
    syscall("mprotect", start + PAGE, PAGE, 0)
    return start + PAGE - inside


def answered(word, call):
    try:
        call()
    except OSError as error:
        if errno.errorcode[error.errno] != word:
            raise
    return word


ends = before_a_hole(b"/leeward-none", 13)
crosses = before_a_hole(b"/leeward-none\0", 7)
long = buffer(b"/" + b"x" * PATH_MAX)
longest = buffer(b"/x" * (8 * PATH_MAX))
hole = before_a_hole(b"", 0)
for name, call in CALLS.items():
    attempt(f"{name} without an end", lambda: call(ends))
    attempt(f"{name} across the end of memory", lambda: call(crosses))
    attempt(f"{name} of PATH_MAX and one", lambda: call(long))
    attempt(f"{name} of sixteen PATH_MAX", lambda: call(longest))
    attempt(f"{name} of a hole", lambda: call(hole))
# A call that is allowed gets the kernel's own answer, as outside: nobody stands between.
for name, word, path in (("without an end", "EFAULT", ends), ("of PATH_MAX and one", "ENAMETOOLONG", long)):
    attempt(f"stat {name}", lambda: answered(word, lambda: syscall("newfstatat", -100, path, buffer(size=256), 0)))
