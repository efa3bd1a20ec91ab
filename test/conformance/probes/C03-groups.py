# A group that is found is an escape; ENOENT says that there is none. The harness starts its daemons without further groups, so
# the control gives itself one where it may: it shows that a group would be seen.
import errno
import glob
import os

if not SANDBOXED and os.geteuid() == 0:
    os.setgroups([0, 4])


def groups():
    if os.getgroups():
        return os.getgroups()
    raise OSError(errno.ENOENT, "no group")


def groups_of_all():
    for path in glob.glob("/proc/[0-9]*/task/*/status"):
        with open(path) as status:
            [line] = [line for line in status if line.startswith("Groups:")]
        if line.split()[1:]:
            return path, line
    raise OSError(errno.ENOENT, "no group")


def other_ids():
    with open("/proc/self/status") as status:
        ids = [line.split()[1:] for line in status if line.startswith(("Uid:", "Gid:"))]
    if all(len(set(four)) == 1 for four in ids) and ids[0][0] == ids[1][0] and not os.getgroups():
        raise OSError(errno.ENOENT, "one uid, one gid")
    return ids


attempt("getgroups", groups)
attempt("of all threads", groups_of_all)
attempt("a saved or file system id", other_ids)
