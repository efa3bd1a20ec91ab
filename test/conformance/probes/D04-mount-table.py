import errno
import os

SYSTEM = ("/usr", "/lib", "/lib64")  # with what the host has mounted beneath
TMPFS = 0x01021994


def found(things):
    if not things:
        raise OSError(errno.ENOENT, "nothing")
    return things


def mounts():
    for line in open("/proc/self/mountinfo"):
        left, right = line.split(" - ")
        yield left.split()[3], left.split()[4], right.split()[0]


def is_system(target):
    return any(target == top or target.startswith(top + "/") for top in SYSTEM)


def type_of(path):
    memory = buffer(size=256)
    syscall("statfs", path.encode() + b"\0", memory)
    return int.from_bytes(memory.raw[:8], "little")


def unlisted():
    return found([target for _, target, _ in mounts() if target not in MOUNTS and not is_system(target)])


def writable_ones():
    """What can be written to although it is no file system of the sandbox's own."""
    lines = [line.split() for line in open("/proc/self/mountinfo")]
    own = ("tmpfs", "proc")
    return found([l[4] for l in lines if "rw" in l[5].split(",") and l[l.index("-") + 1] not in own])


def whole_file_systems():
    virtual = ("tmpfs", "proc")
    return found([t for root, t, kind in mounts() if root == "/" and kind not in virtual and not is_system(t)])


def root_type():
    return found([hex(type_of("/"))] if type_of("/") != TMPFS else [])


def mounted_twice():
    targets = [target for _, target, _ in mounts()]
    if not SANDBOXED:
        targets += ["/"]  # a host may well have none
    return found([target for target in targets if targets.count(target) > 1])


def old_root():
    names = ["/.oldroot", "/oldroot", "/old_root", "/old-root", "/put_old", "/.put_old", "/.pivot_root", "/.old", "/host"]
    names += ["/rootfs", "/mnt/host", "/mnt/root", "/.dockerenv", "/boot", "/home", "/root", "/var", "/run", "/sys", "/srv"]
    return found([name for name in names if os.path.lexists(name)])


attempt("mounts that are not listed", unlisted)
attempt("mounts of the host that can be written to", writable_ones)
attempt("whole file systems of the host", whole_file_systems)
attempt("the type of the root", root_type)
attempt("targets with two mounts", mounted_twice)
attempt("directories of the old root", old_root)
