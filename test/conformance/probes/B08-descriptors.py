import errno
import os

if not SANDBOXED:
    # What is looked for, so that the search is known to find it.
    os.open("/", os.O_PATH | os.O_DIRECTORY)
    os.eventfd(0)
    os.memfd_create("control", 0)


def table():
    found = {}
    for descriptor in range(4096):
        try:
            found[descriptor] = os.readlink(f"/proc/self/fd/{descriptor}")
        except OSError:
            pass
    return found


def search(wanted):
    found = {number: name for number, name in table().items() if number > 2 and wanted(number, name)}
    if not found:
        raise OSError(errno.ENOENT, "none")
    return found


def inherited(number, name):
    import fcntl

    return not fcntl.fcntl(number, fcntl.F_GETFD) & fcntl.FD_CLOEXEC


def is_claims(number, name):
    # The pipe by which a job says what it claims of its own end (docs/internals/native.md): it can be written to only.
    import fcntl

    return number == 4 and name.startswith("pipe:") and fcntl.fcntl(4, fcntl.F_GETFL) & os.O_ACCMODE == os.O_WRONLY


attempt("anonymous inode", lambda: search(lambda number, name: name.startswith("anon_inode:")))
attempt("directory", lambda: search(lambda number, name: name == "/" or os.path.isdir(f"/proc/self/fd/{number}")))
attempt("kept over execve", lambda: search(inherited))
attempt("any", lambda: search(lambda number, name: not is_claims(number, name)))
