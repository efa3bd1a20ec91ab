# Tries to change each of TARGETS, and whatever this process maps or is run by, in every way that there is for a file.
import ctypes
import mmap
import os
import sys

libc = ctypes.CDLL(None, use_errno=True)


def tried(action, *args):
    try:
        action(*args)
    except (OSError, ValueError):
        pass


def written(path, flags=os.O_WRONLY):
    descriptor = os.open(path, flags)
    try:
        size = os.fstat(descriptor).st_size
        os.pwrite(descriptor, b"\0", size)
        os.ftruncate(descriptor, size)
    finally:
        os.close(descriptor)


def mapped(path):
    descriptor = os.open(path, os.O_RDWR)
    try:
        with mmap.mmap(descriptor, 0) as memory:
            memory[0] = memory[0]
            memory.flush()
    finally:
        os.close(descriptor)


def reopened(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        written(f"/proc/self/fd/{descriptor}", os.O_RDWR)
    finally:
        os.close(descriptor)


def replaced(path):
    with open(f"{path}.new", "w"):
        pass
    os.replace(f"{path}.new", path)


def mapped_paths():
    with open("/proc/self/maps") as maps:
        return {line.split(None, 5)[5].strip() for line in maps if "/" in line}


everything = TARGETS or [
    *mapped_paths(),
    *(f"/proc/{process}/exe" for process in ("self", "thread-self", "1", "2")),
    *(f"/proc/self/map_files/{name.split()[0]}" for name in open("/proc/self/maps")),
    sys.executable,
    os.__file__,
    *sys.path,
    "/opt/leeward/worker/zygote.py",
]
for path in everything:
    for action in (written, mapped, reopened):
        tried(action, path)
    tried(os.truncate, path, 1)
    tried(os.chmod, path, 0o777)
    tried(os.utime, path, (1, 1))
    tried(os.link, path, f"{path}.link")
    tried(os.rename, path, f"{path}.old")
    tried(replaced, path)
    tried(os.unlink, path)
    libc.setxattr(path.encode(), b"user.leeward", b"x", 1, 0)
print(f"{len(everything)} files")
