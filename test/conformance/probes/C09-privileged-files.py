# Everything that can be seen is walked. ENOENT: no file gives rights; a file under nosuid gives none.
import errno
import os
import stat

ST_NOSUID = 2


def walk(found):
    # Directories of one file system are asked once each for the flags of their mount.
    for folder, _, names in os.walk("/usr", onerror=lambda error: None):
        for name in names:
            path = os.path.join(folder, name)
            try:
                mode = os.lstat(path).st_mode
                if stat.S_ISREG(mode) and found(path, mode):
                    return path
            except FileNotFoundError:
                continue
    raise OSError(errno.ENOENT, "none")


def counts(path):
    return not os.statvfs(path).f_flag & ST_NOSUID


def has_bit(path, mode):
    return mode & 0o6000 != 0 and counts(path)


def any_mount():
    # The second field from the left of the dash: options of the mount itself (proc_pid_mountinfo(5)).
    with open("/proc/self/mountinfo") as mounts:
        for line in mounts:
            fields = line.split()
            if "nosuid" not in fields[5].split(","):
                return line
    raise OSError(errno.ENOENT, "all mounts are nosuid")


attempt("a mount without nosuid", any_mount)
attempt("a setuid or setgid program", lambda: walk(has_bit))
