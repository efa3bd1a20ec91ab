# ENOENT: no descriptor is found that the contract does not have: standard input, output and error, and 4, the pipe for claims,
# which can only be written to. In each attempt the control finds nothing, opens what a leak would look like, and finds that.
import errno
import fcntl
import os
import select
import socket
import stat

CONTRACT = [0, 1, 2, 4]
if not SANDBOXED:
    os.closerange(3, 1 << 16)  # whoever starts the suite may have more of them
FAR = 1000  # beyond the limit of a job: it forbids to open more, and closes nothing


def found_by(search, leak):
    if not SANDBOXED:
        before = search()
        if before:
            raise RuntimeError(f"found before it was opened: {before}")
        kept.append(leak())
    found = search()
    if found:
        return found
    raise OSError(errno.ENOENT, "none")


kept = []  # what Python would close again


def descriptors(pid="self"):
    found = {}
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            found[int(name)] = os.readlink(f"/proc/{pid}/fd/{name}")
        except FileNotFoundError:
            continue  # the one that listed the directory
    return found


def unexpected():
    """The control is started with three descriptors, which are no pipes."""
    contract = CONTRACT if SANDBOXED else [0, 1, 2]
    return {number: link for number, link in descriptors().items() if number not in contract}


def in_table():
    # Without proc: every number of the table is asked for.
    with open("/proc/self/status") as status:
        [size] = [int(line.split()[1]) for line in status if line.startswith("FDSize:")]
    return [number for number in range(max(size, 4096)) if is_open(number) and number not in CONTRACT[: 4 if SANDBOXED else 3]]


def is_open(number):
    try:
        os.get_inheritable(number)
        return True
    except OSError:
        return False


def wrong_end():
    """A stream or the pipe of claims that is no pipe, or that can be used the other way. The control's first is for its report."""
    wrong = {}
    for number in CONTRACT if SANDBOXED else [0, 2, 4]:
        access = fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE
        if not stat.S_ISFIFO(os.fstat(number).st_mode) or access != (os.O_RDONLY if number == 0 else os.O_WRONLY):
            wrong[number] = oct(access)
    return wrong


def with_pipes(leak):
    def give():
        near, far = os.pipe()
        os.dup2(leak(near, far), 4)

    if not SANDBOXED:
        near, far = os.pipe()
        for number, end in ((0, near), (2, far), (4, far)):
            os.dup2(end, number)
    return found_by(wrong_end, give)


def of_others():
    for pid in others():
        try:
            found = descriptors(pid)
        except (PermissionError, FileNotFoundError):
            continue
        # With an ordinary user's daemon the directory of the init can be read, and is empty.
        if found:
            return pid, found


def others():
    if SANDBOXED:
        return [name for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]
    with open(f"/proc/self/task/{os.getpid()}/children") as children:
        return children.read().split()


def child():
    pid = os.fork()
    if pid == 0:
        select.select([], [], [], 0.5)
        os._exit(0)
    return pid


def of_kind(test):
    def search():
        seen = {}
        for number in descriptors():
            if number > 2:
                try:
                    seen[number] = test(number, os.readlink(f"/proc/self/fd/{number}"), os.fstat(number))
                except FileNotFoundError:
                    continue
                except OSError as error:
                    if error.errno != errno.EBADF:
                        raise
        return [number for number, is_it in seen.items() if is_it]

    return search


def by_link(start):
    return of_kind(lambda number, link, status: link.startswith(start))


def is_directory(number, link, status):
    return stat.S_ISDIR(status.st_mode)


def with_path_only(number, link, status):
    return bool(fcntl.fcntl(number, fcntl.F_GETFL) & os.O_PATH)


def listener():
    server = socket.socket()
    server.listen()
    return server


KINDS = {
    "a directory": (of_kind(is_directory), lambda: os.open("/usr", os.O_RDONLY)),
    "a path": (of_kind(with_path_only), lambda: os.open("/usr/bin", os.O_PATH)),
    "a file": (of_kind(lambda number, link, status: stat.S_ISREG(status.st_mode)), lambda: os.open("/proc/self/status", 0)),
    "a device": (of_kind(lambda number, link, status: stat.S_ISCHR(status.st_mode)), lambda: os.open("/dev/null", 0)),
    "a socket": (of_kind(lambda number, link, status: stat.S_ISSOCK(status.st_mode)), listener),
    "a pipe to read from": (
        of_kind(lambda n, link, s: stat.S_ISFIFO(s.st_mode) and fcntl.fcntl(n, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY),
        os.pipe,
    ),
    "memory without a name": (by_link("/memfd:"), lambda: os.memfd_create("kept")),
    "a namespace": (by_link("net:"), lambda: os.open("/proc/self/ns/net", os.O_RDONLY)),
    "an epoll": (by_link("anon_inode:[eventpoll]"), select.epoll),
    "an eventfd": (by_link("anon_inode:[eventfd]"), lambda: syscall("eventfd2", 0, 0)),
    "an inotify": (by_link("anon_inode:inotify"), lambda: syscall("inotify_init1", 0)),
    "a timer": (by_link("anon_inode:[timerfd]"), lambda: syscall("timerfd_create", 1, 0)),
    "a process": (of_kind(lambda number, link, status: "pidfd" in link), lambda: os.pidfd_open(os.getpid())),
    "anything of the event loop": (by_link("anon_inode:"), lambda: syscall("signalfd4", -1, bytes(8), 8, 0)),
}


attempt("more than the contract has", lambda: found_by(unexpected, lambda: os.dup2(0, 9)))
attempt("more than the contract has without proc", lambda: found_by(in_table, lambda: os.dup2(0, FAR)))
attempt("claims that can be read", lambda: with_pipes(lambda near, far: near))
attempt("claims that are no pipe", lambda: with_pipes(lambda near, far: os.open("/dev/null", os.O_WRONLY)))
for name, (search, leak) in KINDS.items():
    attempt(name, lambda: found_by(search, leak))
attempt("of another process", lambda: found_by(of_others, child))
