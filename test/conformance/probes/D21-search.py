import errno
import os

secret = CANARY["secret"]
# Everything that a job could list, but the distribution's files; the last ones are where the secret lies on the host.
ROOTS = ["/tmp", "/dev/shm", "/mnt", "/opt", "/home", "/root", "/srv", "/data", "/run", "/input", "/output", "/proc/self/cwd"]
ROOTS.append(os.path.dirname(secret))
MOST = 20000


def files():
    count = 0
    for root in reversed(ROOTS):
        for directory, _, names in os.walk(root):
            for name in names:
                count += 1
                if count > MOST:
                    return
                yield os.path.join(directory, name)


def by_name():
    for path in files():
        if os.path.basename(path) in ("secret", "shadow", "flag", "id_rsa", "leeward.sock"):
            return path
    raise OSError(errno.ENOENT, "nothing")


def by_content():
    for path in files():
        try:
            with open(path, "rb") as file:
                if b"canary-" in (text := file.read(4096)):
                    return text
        except OSError:
            continue
    raise OSError(errno.ENOENT, "nothing")


def read(path):
    with open(path) as file:
        return file.read()


attempt("by its path", lambda: read(secret))
attempt("by name", by_name)
attempt("by content", by_content)
for path in ["/etc/passwd", "/etc/shadow", "/etc/group", "/etc/hostname", "/etc/hosts", "/root", "/home", "/var", "/boot"]:
    attempt(f"stat of {path}", lambda: os.stat(path))
attempt("the directory", lambda: os.listdir(CANARY["directory"]) or True)
attempt("the file to be changed", lambda: os.open(CANARY["file"], os.O_WRONLY))
