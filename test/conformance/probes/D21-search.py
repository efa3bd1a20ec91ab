import errno
import os

secret = CANARY["secret"]
# Everything that a job could list, but the distribution's files, also by the roots and working directories of other processes;
# the last ones are where the secret lies on the host: beside the daemon's state, in its user's home, beside other jobs' files.
ROOTS = ["/tmp", "/dev/shm", "/mnt", "/opt", "/home", "/root", "/srv", "/data", "/run", "/input", "/output", "/proc/self/cwd"]
ROOTS += ["/media", "/boot", "/sys", "/var", "/etc", "/dev", "/usr/local", "/lost+found", "/tmp/.."]
if SANDBOXED:  # outside there would be no end of it
    ROOTS += [f"/proc/{pid}/{name}" for pid in (1, 2, 3, "self") for name in ("root", "cwd")]
ROOTS += [os.path.dirname(path) for path in [secret, *CANARY["others"]]]
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
            if not os.path.isfile(path):  # a pipe of its own would be waited for
                continue
            with open(path, "rb") as file:
                if b"canary-" in (text := file.read(4096)):
                    return text
        except OSError:
            continue
    raise OSError(errno.ENOENT, "nothing")


def read(path):
    with open(path) as file:
        return file.read()


def in_memory():
    """What init and the interpreter know of the host's paths; the table of mounts is left out (docs/internals/posture.md)."""
    for pid in ("self", "1"):
        for name in ("cmdline", "environ", "maps", "comm", "cgroup", "status", "auxv", "wchan", "stack"):
            try:
                text = read(f"/proc/{pid}/{name}")
            except (OSError, ValueError):
                continue
            if os.path.dirname(os.path.dirname(secret)) in text:
                return pid, name
    if not SANDBOXED:
        return "nobody hides it outside"
    raise OSError(errno.ENOENT, "nothing")


attempt("by its path", lambda: read(secret))
for number, path in enumerate(CANARY["others"]):
    attempt(f"by its other path {number}", lambda: read(path))
    attempt(f"list beside it {number}", lambda: os.listdir(os.path.dirname(os.path.dirname(path))))
attempt("in what is known of the host", in_memory)
attempt("by name", by_name)
attempt("by content", by_content)
for path in ["/etc/passwd", "/etc/shadow", "/etc/group", "/etc/hostname", "/etc/hosts", "/root", "/home", "/var", "/boot"]:
    attempt(f"stat of {path}", lambda: os.stat(path))
attempt("the directory", lambda: os.listdir(CANARY["directory"]) or True)
attempt("the file to be changed", lambda: os.open(CANARY["file"], os.O_WRONLY))
