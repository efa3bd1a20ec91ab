# A working directory or a descriptor of a directory outside leads to the whole host. In each attempt the control tries the
# descriptor as it is, which leads nowhere, and then opens a directory in its place.
import os

secret = CANARY["secret"].lstrip("/")
UP = "../" * 20
PLACES = 16


def through(place, read):
    if SANDBOXED:
        return read(place)
    report = os.dup(1)
    try:
        read(place)
        raise RuntimeError("it leads somewhere before a directory is there")
    except OSError:
        os.dup2(os.open("/usr", os.O_RDONLY), place)
    try:
        return read(place)
    finally:
        os.dup2(report, 1)


def by_descriptor(place):
    return os.open(UP + secret, os.O_RDONLY, dir_fd=place)


def by_proc(place):
    return os.open(f"/proc/self/fd/{place}/{UP}{secret}", os.O_RDONLY)


def by_working_directory(place):
    os.fchdir(place)
    return os.open(UP + secret, os.O_RDONLY)


def by_path_only(place):
    return os.open(UP.rstrip("/"), os.O_PATH | os.O_DIRECTORY, dir_fd=place)


for place in range(PLACES):
    attempt(f"openat from {place}", lambda: through(place, by_descriptor))
    attempt(f"by proc from {place}", lambda: through(place, by_proc))
    attempt(f"fchdir to {place}", lambda: through(place, by_working_directory))
    attempt(f"a path from {place}", lambda: through(place, by_path_only))
attempt("from the working directory", lambda: open(UP + secret).close())
attempt("by proc", lambda: open(f"/proc/self/cwd/{UP}{secret}").close())
attempt("by the root of oneself", lambda: open(f"/proc/self/root/{secret}").close())
attempt("by the root of a thread", lambda: open(f"/proc/thread-self/root/{UP}{secret}").close())
attempt("by the root of the init", lambda: open(f"/proc/1/root/{secret}").close())
attempt("by the directory of the init", lambda: open(f"/proc/1/cwd/{UP}{secret}").close())
