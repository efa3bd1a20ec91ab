import os

FILE = os.path.join(INPUT, "file")
MADE = os.path.join(OUTPUT, "made")


def fresh():
    if os.path.lexists(MADE):
        os.unlink(MADE)
    return MADE


def link_by_descriptor():
    file = os.open(FILE, os.O_RDONLY)
    # AT_SYMLINK_FOLLOW; os.link does the same with follow_symlinks.
    return syscall("linkat", AT_FDCWD, f"/proc/self/fd/{file}\0".encode(), AT_FDCWD, fresh().encode() + b"\0", 0x400)


def link_of_path():
    file = os.open(FILE, os.O_PATH)
    return syscall("linkat", AT_FDCWD, f"/proc/self/fd/{file}\0".encode(), AT_FDCWD, fresh().encode() + b"\0", 0x400)


def move_back(source, target):
    os.rename(source, target)
    os.rename(target, source)
    return True


def exchange():
    with open(fresh(), "w") as file:
        file.write("x")
    return syscall("renameat2", AT_FDCWD, FILE.encode() + b"\0", AT_FDCWD, MADE.encode() + b"\0", 2)


def unnamed():
    """A file without a name in one place gets its name in another."""
    file = os.open("/tmp" if SANDBOXED else OUTPUT, os.O_TMPFILE | os.O_RDWR, 0o600)
    return syscall("linkat", AT_FDCWD, f"/proc/self/fd/{file}\0".encode(), AT_FDCWD, fresh().encode() + b"\0", 0x400)


def from_tmp():
    path = ("/tmp" if SANDBOXED else OUTPUT) + "/leeward-across"
    open(path, "w").close()
    return os.rename(path, fresh())


attempt("hard link from the input", lambda: os.link(FILE, fresh()))
attempt("hard link by descriptor", link_by_descriptor)
attempt("hard link of a path", link_of_path)
attempt("hard link into the input", lambda: [open(fresh(), "w").close(), os.link(MADE, os.path.join(INPUT, "new"))])
attempt("rename out of the input", lambda: move_back(FILE, fresh()))
attempt("rename into the input", lambda: [open(fresh(), "w").close(), os.rename(MADE, os.path.join(INPUT, "new"))])
attempt("exchange", exchange)
attempt("file without a name", unnamed)
attempt("rename from tmp", from_tmp)
attempt("move the parent", lambda: move_back(os.path.realpath(INPUT), os.path.realpath(INPUT) + "-moved"))
attempt("move the output", lambda: move_back(os.path.realpath(OUTPUT), os.path.realpath(OUTPUT) + "-moved"))
attempt("move what the sandbox calls the input", lambda: move_back(INPUT, INPUT + "-moved"))
