import os
import sys

AT_EMPTY_PATH = 0x1000
AT_SYMLINK_FOLLOW = 0x400


def plant(name, link):
    target = f"{OUTPUT}/linked"

    def action():
        # The control's canary is on another file system where the temporary directory is one.
        link(target)
        os.unlink(target)

    attempt(name, action)


inside = f"{INPUT}/file"
plant("an input", lambda target: os.link(inside, target))
if not SANDBOXED:
    # An interpreter on the same file system, as the control's own user may link it.
    interpreter = f"{OUTPUT}/interpreter"
    if not os.path.exists(interpreter):
        os.close(os.open(interpreter, os.O_CREAT | os.O_WRONLY, 0o755))
else:
    interpreter = os.path.realpath(sys.executable)
plant("the interpreter", lambda target: os.link(interpreter, target))


def by_descriptor(target):
    descriptor = os.open(inside, os.O_RDONLY)
    syscall("linkat", AT_FDCWD, f"/proc/self/fd/{descriptor}\0".encode(), AT_FDCWD, f"{target}\0".encode(), AT_SYMLINK_FOLLOW)


plant("an open input", by_descriptor)


def renamed(target):
    os.rename(inside, target)
    os.rename(target, inside)
    open(target, "w").close()


plant("a moved input", renamed)
