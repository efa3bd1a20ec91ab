import os
import stat

NAMES = ["null", "zero", "full", "random", "urandom"]


def path(name):
    """The control must not touch the devices of the host."""
    if SANDBOXED:
        return f"/dev/{name}"
    own = f"{CANARY['directory']}/{name}"
    open(own, "w").close()
    return own


ID = 0 if SANDBOXED else os.getuid()
for name in NAMES:
    attempt(f"mode of {name}", lambda: os.chmod(path(name), 0o600))
    attempt(f"owner of {name}", lambda: os.chown(path(name), ID, -1))
    attempt(f"times of {name}", lambda: os.utime(path(name)))
    attempt(f"times of long ago of {name}", lambda: os.utime(path(name), (1, 1)))
attempt("mode by descriptor", lambda: os.fchmod(os.open(path("null"), os.O_RDWR), 0o600))
attempt("owner by descriptor", lambda: os.fchown(os.open(path("null"), os.O_RDWR), ID, -1))
attempt("times by descriptor", lambda: os.utime(os.open(path("null"), os.O_RDWR)))
def of_stream(fd, change):
    """A stream is a pipe without a name, for this job alone: whatever it lets be changed, nobody else has it."""
    if not SANDBOXED:  # as a launcher would that passes on its own log
        os.dup2(os.open(path("log"), os.O_RDWR), fd + 10)
        fd += 10
    try:
        change(fd)
    except PermissionError:
        raise Held("refused") from None
    if stat.S_ISFIFO(os.fstat(fd).st_mode) and os.readlink(f"/proc/self/fd/{fd}").startswith("pipe:"):
        raise Held("a pipe of its own")
    return os.fstat(fd)


for fd in (0, 1, 2):
    attempt(f"owner of stream {fd}", lambda: of_stream(fd, lambda own: os.fchown(own, ID, -1)))
    attempt(f"mode of stream {fd}", lambda: of_stream(fd, lambda own: os.fchmod(own, 0o666)))
    attempt(f"times of stream {fd}", lambda: of_stream(fd, lambda own: os.utime(own, (1, 1))))
    attempt(f"mode by the link of stream {fd}", lambda: of_stream(fd, lambda own: os.chmod(f"/proc/self/fd/{own}", 0o666)))
