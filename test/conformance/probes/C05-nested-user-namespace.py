# After a namespace that was made, what its capabilities would give is asked for in the same process.
import threading


def use():
    syscall("unshare", CLONE_NEWUSER)
    return "a user namespace"


def with_network():
    syscall("unshare", CLONE_NEWUSER | CLONE_NEWNET)
    return "a user and a network namespace"


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


attempt("unshare", use)
attempt("unshare with a network", with_network)
attempt("unshare with a high half", lambda: syscall("unshare", CLONE_NEWUSER | 1 << 32))
attempt("unshare of nothing", lambda: syscall("unshare", 0))
attempt("unshare in a thread", in_a_thread)
attempt("clone", lambda: syscall("clone", CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0))
attempt("clone as a thread", lambda: syscall("clone", CLONE_NEWUSER | CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, 0, 0, 0, 0))
attempt("clone with vfork", lambda: syscall("clone", CLONE_NEWUSER | CLONE_VM | SIGCHLD | 1 << 40, -1, 0, 0, 0))
attempt("clone3", lambda: syscall("clone3", words(CLONE_NEWUSER, 0, 0, 0, SIGCHLD, 0, 0, 0), 64))
attempt("clone3 with a short structure", lambda: syscall("clone3", words(CLONE_NEWUSER), 8))
