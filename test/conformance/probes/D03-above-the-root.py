import os

secret = CANARY["secret"]
UP = "../" * 64


def read(path, dir_fd=None):
    with open(os.open(path, os.O_RDONLY, dir_fd=dir_fd)) as file:
        return file.read()


def from_directory(flags):
    return read(UP + secret[1:], os.open("/usr/lib", flags | os.O_DIRECTORY))


def after_fchdir():
    os.fchdir(os.open("/usr/lib", os.O_RDONLY | os.O_DIRECTORY))
    return read(UP + secret[1:])


def after_chdir_to(path):
    os.chdir(path)
    return read(UP + secret[1:])


def from_removed_directory():
    path = f"/tmp/leeward-removed-{os.getpid()}"
    os.mkdir(path)
    held = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    os.rmdir(path)
    return read(UP + secret[1:], held)


attempt("the path itself", lambda: read(secret))
attempt("dots from the working directory", lambda: read(UP + secret[1:]))
attempt("dots above the root", lambda: read("/" + UP + secret[1:]))
attempt("slashes and dots", lambda: read("/.//..///./../" + secret))
attempt("through proc/self/root", lambda: read("/proc/self/root/" + UP + secret[1:]))
attempt("through proc/self/cwd", lambda: read("/proc/self/cwd/" + UP + secret[1:]))
attempt("from a directory", lambda: from_directory(os.O_RDONLY))
attempt("from the path of a directory", lambda: from_directory(os.O_PATH))
attempt("after fchdir", after_fchdir)
attempt("from the root", lambda: after_chdir_to("/"))
attempt("from above the root", lambda: after_chdir_to("/.."))
attempt("from proc", lambda: after_chdir_to("/proc/self/task"))
if SANDBOXED:
    attempt("from a directory that is gone", from_removed_directory)
else:
    attempt("from a directory that is gone", lambda: read(secret))
attempt("a second chroot", lambda: syscall("chroot", b"/tmp/../leeward-none\0"))
