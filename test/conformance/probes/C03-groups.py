# A group that is found is an escape; ENOENT says that there is none. The harness starts its daemons without further groups, so
# the control gives itself in each attempt what is looked for there, and nothing else.
import errno
import glob
import os
import threading

CONTROL_GROUP = 4


def without(find, give):
    """In the control: nothing is found until it was given, then it is."""
    if not SANDBOXED:
        os.setgroups([])
        os.setresgid(0, 0, 0)
        if find():
            raise RuntimeError(f"found before it was given: {find()}")
        give()
    found = find()
    if found:
        return found
    raise OSError(errno.ENOENT, "none")


def line_of(path, name):
    try:
        with open(path) as status:
            [line] = [line for line in status if line.startswith(name + ":")]
    except (FileNotFoundError, ProcessLookupError):
        return []  # it has ended
    return line.split()[1:]


def groups_of_threads():
    # Of every process that can be seen; the control's own only, for the host's processes have groups.
    own = "/proc/[0-9]*/task/*/status" if SANDBOXED else "/proc/self/task/*/status"
    return [(path, line_of(path, "Groups")) for path in glob.glob(own) if line_of(path, "Groups")]


def group_of_one_thread():
    # The system call is one thread's: libc is who makes it all threads'.
    given, stop = threading.Event(), threading.Event()

    def run():
        syscall("setgroups", 1, CONTROL_GROUP.to_bytes(4, "little"))
        given.set()
        stop.wait(5)

    threading.Thread(target=run, daemon=True).start()
    given.wait(5)


def odd_ids(name):
    ids = line_of("/proc/self/status", name)
    return [] if len(set(ids)) == 1 else ids


def other_ids():
    return [] if os.getresuid() == os.getresgid() == (os.getuid(),) * 3 else [os.getresuid(), os.getresgid()]


def file_system_gid():
    syscall("setfsgid", CONTROL_GROUP)


attempt("getgroups", lambda: without(os.getgroups, lambda: os.setgroups([CONTROL_GROUP])))
attempt("of all threads", lambda: without(groups_of_threads, group_of_one_thread))
attempt("a saved gid", lambda: without(other_ids, lambda: os.setresgid(0, 0, CONTROL_GROUP)))
attempt("a saved uid", lambda: without(lambda: odd_ids("Uid"), lambda: os.setresuid(0, 0, CONTROL_GROUP)))
attempt("a file system gid", lambda: without(lambda: odd_ids("Gid"), file_system_gid))
