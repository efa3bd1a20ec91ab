import mmap
import os
import shutil

FILE, OTHER = os.path.join(INPUT, "file"), os.path.join(INPUT, "other")
ABSENT = os.path.join(INPUT, "absent")
REAL = os.path.realpath(INPUT)


def write(path, flags=os.O_WRONLY, dir_fd=None):
    return os.write(os.open(path, flags, 0o666, dir_fd=dir_fd), b"changed")


def again():
    """What is open for reading, opened once more for writing."""
    return write(f"/proc/self/fd/{os.open(FILE, os.O_RDONLY)}")


def of_path():
    return write(f"/proc/self/fd/{os.open(FILE, os.O_PATH)}")


def shared_memory():
    file = os.open(FILE, os.O_RDONLY)
    if not SANDBOXED:
        file = os.open(FILE, os.O_RDWR)
    mmap.mmap(file, 4, flags=mmap.MAP_SHARED, prot=mmap.PROT_READ | mmap.PROT_WRITE)[0:1] = b"c"


def restored(action, path):
    """The control leaves the directory as the others need it."""
    action()
    if path != FILE and os.path.lexists(path):
        os.rmdir(path) if os.path.isdir(path) else os.unlink(path)
    return True


def moved(source, target):
    os.rename(source, target)
    os.rename(target, source)
    return True


def removed():
    os.unlink(OTHER)
    shutil.copyfile(FILE, OTHER)
    return True


attempt("open for writing", lambda: write(FILE))
attempt("open for both", lambda: write(FILE, os.O_RDWR))
attempt("append", lambda: write(FILE, os.O_WRONLY | os.O_APPEND))
attempt("open and truncate", lambda: os.open(FILE, os.O_WRONLY | os.O_TRUNC))
attempt("open for reading and truncate", lambda: os.open(FILE, os.O_RDONLY | os.O_TRUNC))
attempt("by the mount's own path", lambda: write(os.path.join(REAL, "file")))
attempt("through proc/self/root", lambda: write("/proc/self/root" + REAL + "/file"))
attempt("from a directory", lambda: write("file", dir_fd=os.open(INPUT, os.O_RDONLY)))
attempt("from the path of a directory", lambda: write("file", dir_fd=os.open(INPUT, os.O_PATH)))
attempt("opened for reading and again for writing", again)
attempt("opened as a path and again for writing", of_path)
attempt("shared memory", shared_memory)
attempt("create", lambda: restored(lambda: write(ABSENT, os.O_CREAT | os.O_WRONLY), ABSENT))
attempt("file without a name", lambda: write(INPUT, os.O_TMPFILE | os.O_WRONLY))
attempt("truncate", lambda: os.truncate(FILE, 3))
attempt("make a directory", lambda: restored(lambda: os.mkdir(ABSENT), ABSENT))
attempt("make a link", lambda: restored(lambda: os.symlink("file", ABSENT), ABSENT))
attempt("make a hard link", lambda: restored(lambda: os.link(FILE, ABSENT), ABSENT))
attempt("rename", lambda: moved(FILE, ABSENT))
attempt("rename to itself", lambda: os.rename(FILE, FILE))
attempt("rename over", lambda: [shutil.copyfile(FILE, ABSENT) if not SANDBOXED else 0, os.rename(ABSENT if not SANDBOXED else FILE, OTHER)])
attempt("exchange", lambda: syscall("renameat2", AT_FDCWD, FILE.encode() + b"\0", AT_FDCWD, OTHER.encode() + b"\0", 2))
attempt("unlink", removed)
attempt("rename the directory", lambda: moved(REAL, REAL + "-moved"))
attempt("chmod", lambda: os.chmod(FILE, 0o600))
attempt("chmod of the directory", lambda: os.chmod(INPUT, 0o700))
attempt("chown to oneself", lambda: os.chown(FILE, 0 if SANDBOXED else os.getuid(), -1))
attempt("times now", lambda: os.utime(FILE))
attempt("times of long ago", lambda: os.utime(FILE, (1, 1)))
attempt("extended attribute", lambda: os.setxattr(FILE, "user.probe", b"x"))
attempt("allocate", lambda: os.posix_fallocate(os.open(FILE, os.O_WRONLY), 0, 4096))
attempt("copy into", lambda: os.copy_file_range(os.open(OTHER, os.O_RDONLY), os.open(FILE, os.O_WRONLY), 1))
attempt("flags of the file", lambda: syscall("ioctl", os.open(FILE, os.O_RDONLY), 0x40086602, words(0)))
