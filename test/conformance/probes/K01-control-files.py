import os
import uuid

# Directories of version 1's hierarchies, and that of version 2, alone or beside them.
ROOTS = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"] + [
    f"/sys/fs/cgroup/{name}" for name in ("memory", "pids", "cpu", "cpu,cpuacct", "devices", "freezer", "systemd")
]
OWN = "leeward-control-" + uuid.uuid4().hex


def opened(prefix, names):
    """Opens the first file of these names for writing, in the root groups or in one that the control makes for itself."""
    last = None
    for root in ROOTS:
        if not os.path.exists(f"{prefix}{root}/cgroup.procs"):
            continue
        if not SANDBOXED:
            os.mkdir(f"{root}/{OWN}")
        try:
            for path in [f"{root}/{OWN}/{name}" for name in names] + [f"{root}/{name}" for name in names]:
                try:
                    return os.close(os.open(prefix + path, os.O_WRONLY))
                except FileNotFoundError as error:
                    last = error
        finally:
            if not SANDBOXED:
                os.rmdir(f"{root}/{OWN}")
    raise last or FileNotFoundError(2, "there are no control groups")


FILES = {
    "members": ["cgroup.procs"],
    "threads": ["cgroup.threads", "tasks"],
    "limit of memory": ["memory.max", "memory.limit_in_bytes"],
    "limit of pids": ["pids.max"],
    "limit of processors": ["cpu.max", "cpu.cfs_quota_us"],
    "freezing": ["cgroup.freeze", "freezer.state"],
}
for name, files in FILES.items():
    attempt(name, lambda: opened("", files))
    attempt(f"{name} by the root of a process", lambda: opened("/proc/self/root", files))


def made():
    """A group beneath the root of some hierarchy."""
    for root in ROOTS:
        if os.path.exists(f"{root}/cgroup.procs"):
            os.mkdir(f"{root}/{OWN}")
            return os.rmdir(f"{root}/{OWN}")
    os.mkdir(f"/sys/fs/cgroup/{OWN}")


attempt("a new group", made)
