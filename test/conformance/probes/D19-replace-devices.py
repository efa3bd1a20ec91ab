import os

# The control must not touch the devices of the host.
if SANDBOXED:
    DEV, SPARE = "/dev", "/tmp/spare"
else:
    DEV, SPARE = CANARY["directory"], CANARY["directory"] + "/spare"


def prepared():
    if not SANDBOXED:
        for name in ("null", "stdin"):
            if not os.path.lexists(f"{DEV}/{name}"):
                open(f"{DEV}/{name}", "w").close()


def replaced(action):
    prepared()
    return action()


attempt("remove", lambda: replaced(lambda: os.unlink(f"{DEV}/null")))
attempt("rename", lambda: replaced(lambda: os.rename(f"{DEV}/null", f"{DEV}/null2")))
attempt("rename over", lambda: replaced(lambda: os.rename(f"{DEV}/stdin", f"{DEV}/null")))
attempt("make another", lambda: replaced(lambda: os.close(os.open(f"{DEV}/new", os.O_CREAT | os.O_WRONLY))))
attempt("make a link", lambda: replaced(lambda: os.symlink("null", f"{DEV}/console{os.getpid()}")))
attempt("make a directory", lambda: replaced(lambda: os.mkdir(f"{DEV}/leeward")))
attempt("remove a link of the standard streams", lambda: replaced(lambda: os.unlink(f"{DEV}/stdin")))
attempt("hard link of a device", lambda: replaced(lambda: os.link(f"{DEV}/null", f"{DEV}/other")))
