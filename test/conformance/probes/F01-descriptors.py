# ENOENT: no descriptor is found that the contract does not have: standard input, output and error, and 4, the pipe for claims,
# which can only be written to. The control opens what a leak would look like.
import errno
import fcntl
import os
import select
import stat

if not SANDBOXED:
    os.set_inheritable(os.open("/", os.O_RDONLY), True)
    kept = select.epoll()


def descriptors(pid="self"):
    found = {}
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            found[int(name)] = os.readlink(f"/proc/{pid}/fd/{name}")
        except FileNotFoundError:
            continue  # the one that listed the directory
    return found


CONTRACT = [0, 1, 2, 4]


def search(is_odd):
    found = {number: link for number, link in descriptors().items() if is_odd(number, link)}
    if found:
        return found
    raise OSError(errno.ENOENT, "none")


def of_table():
    # Without proc: every number up to the limit is asked for.
    open_ones = []
    for number in range(4096):
        try:
            os.get_inheritable(number)
            open_ones.append(number)
        except OSError:
            continue
    if open_ones == CONTRACT:
        raise OSError(errno.ENOENT, "none")
    return open_ones


def of_others():
    for pid in (name for name in os.listdir("/proc") if name.isdigit()):
        if int(pid) == os.getpid():
            continue
        try:
            found = descriptors(pid)
        except PermissionError:
            continue
        # With an ordinary user's daemon the directory of the init can be read, and is empty.
        if found:
            return pid, found
    raise OSError(errno.ENOENT, "none can be looked at")


def is_directory(number, link):
    try:
        return stat.S_ISDIR(os.fstat(number).st_mode)
    except OSError:
        return False


def is_wrong_kind(number, link):
    try:
        access = fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE
    except OSError:
        return False
    return not stat.S_ISFIFO(os.fstat(number).st_mode) or access != (os.O_RDONLY if number == 0 else os.O_WRONLY)


attempt("more than the contract has", lambda: search(lambda number, link: number not in CONTRACT))
attempt("more than the contract has without proc", of_table)
attempt("another kind", lambda: search(is_wrong_kind))
attempt("a directory", lambda: search(is_directory))
attempt("of an event loop", lambda: search(lambda number, link: link.startswith("anon_inode:")))
attempt("of another process", of_others)
