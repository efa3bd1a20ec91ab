import os

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
