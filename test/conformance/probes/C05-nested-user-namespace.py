# A process that gets a namespace goes on to use what its capabilities give there: a name, a mount, a socket for packets.
import os
import threading

MS_REC, MS_PRIVATE = 0x4000, 0x40000


def name_of_own():
    syscall("unshare", CLONE_NEWUSER | CLONE_NEWUTS)
    return syscall("sethostname", b"probe", 5)


def mount_of_own():
    syscall("unshare", CLONE_NEWUSER | CLONE_NEWNS)
    return syscall("mount", 0, b"/\0", 0, MS_REC | MS_PRIVATE, 0)


def packets():
    syscall("unshare", CLONE_NEWUSER | CLONE_NEWNET)
    return syscall("socket", 17, 3, 0x300)


def in_a_thread():
    seen = []

    def run():
        try:
            # A process with threads cannot leave its user namespace: the handler says EINVAL.
            seen.append(syscall("unshare", CLONE_NEWUSER))
        except OSError as error:
            seen.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if isinstance(seen[0], OSError):
        raise seen[0]
    return seen[0]


attempt("unshare, then a name", name_of_own)
attempt("unshare, then a mount", mount_of_own)
attempt("unshare, then packets", packets)
attempt("unshare with a high half", lambda: syscall("unshare", CLONE_NEWUSER | 1 << 32))
attempt("unshare of nothing", lambda: syscall("unshare", 0))
attempt("unshare in a thread", in_a_thread)
attempt("clone", lambda: syscall("clone", CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0))
attempt("clone as a thread", lambda: syscall("clone", CLONE_NEWUSER | CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, 0, 0, 0, 0))
attempt("clone with a high half", lambda: syscall("clone", CLONE_NEWUSER | SIGCHLD | 1 << 40, 0, 0, 0, 0))
attempt("clone into the parent's", lambda: syscall("clone", CLONE_NEWUSER | CLONE_PARENT | SIGCHLD, 0, 0, 0, 0))
attempt("clone3", lambda: syscall("clone3", words(CLONE_NEWUSER, 0, 0, 0, SIGCHLD, 0, 0, 0), 64))
attempt("clone3 with a short structure", lambda: syscall("clone3", words(CLONE_NEWUSER), 8))
attempt("clone3 with a long structure", lambda: syscall("clone3", words(CLONE_NEWUSER, 0, 0, 0, SIGCHLD, *[0] * 10), 120))
