# The dynamic linker says what a program started with. When the start is a secure one (its file gave it rights), it says nothing.
# EPERM: no rights were given.
import errno
import glob
import os
import subprocess

# The control is an ordinary user of the host, to whom such a program does give rights.
if not SANDBOXED:
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)

NAMES = ("su", "passwd", "chsh", "mount", "umount", "newgrp", "gpasswd", "chage", "expiry")


def started(path):
    ended = subprocess.run(
        [path, "--help"], env={"LD_SHOW_AUXV": "1"}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=8
    )
    said = dict(line.split(":", 1) for line in ended.stdout.splitlines() if line.startswith("AT_"))
    ids = {said.get(name, "").strip() for name in ("AT_UID", "AT_EUID")} | {said.get("AT_GID", "").strip()}
    if said.get("AT_SECURE", "").strip() == "0" and ids == {str(os.getuid())}:
        raise OSError(errno.EPERM, "no rights were given")
    return f"a secure start: {ended.stdout[:80]!r} {ended.stderr[:80]!r}"


paths = [f"/usr/bin/{name}" for name in NAMES]
for path in [path for path in paths if os.path.exists(path) and os.stat(path).st_mode & 0o6000]:
    attempt(path, lambda: started(path))
