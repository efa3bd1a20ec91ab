import os
import socket
import struct

# Kept open: what is asynchronous about a descriptor ends with it.
near, far = socket.socketpair()
outside = CANARY["pid"]
fd = near.fileno()
F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE, F_NOTIFY = 8, 10, 15, 1024, 1026
FIOSETOWN, SIOCSPGRP, FIOASYNC = 0x8901, 0x8902, 0x5452


def event(notify, signal, tid=0):
    """struct sigevent of sigevent(7)."""
    return struct.pack("<Qiii", 0, signal, notify, tid).ljust(64, b"\0")


attempt("signal number", lambda: syscall("fcntl", fd, F_SETSIG, 10))
attempt("lease", lambda: syscall("fcntl", fd, F_SETLEASE, 0))
attempt("notice of a directory", lambda: syscall("fcntl", fd, F_NOTIFY, 1))
attempt("owner with a type", lambda: syscall("fcntl", fd, F_SETOWN_EX, struct.pack("<ii", 1, outside)))
attempt("owner by SIOCSPGRP", lambda: syscall("ioctl", fd, SIOCSPGRP, struct.pack("<i", outside)))
attempt("owner by FIOSETOWN", lambda: syscall("ioctl", fd, FIOSETOWN, struct.pack("<i", outside)))
attempt("owner with a high half", lambda: syscall("ioctl", fd, FIOSETOWN | 1 << 32, struct.pack("<i", outside)))
attempt("asynchronous", lambda: syscall("ioctl", fd, FIOASYNC, struct.pack("<i", 1)))
attempt("timer for a thread", lambda: syscall("timer_create", 0, event(4, 10, outside), buffer(size=8)))
attempt("queue", lambda: syscall("mq_notify", -1, event(0, 10)))
attempt("descriptor of the end", lambda: syscall("prctl", PR_SET_PDEATHSIG, 9999, 0, 0, 0))


def signal_by_socket():
    syscall("fcntl", fd, F_SETOWN, outside)
    near.setblocking(False)
    os.set_blocking(fd, False)
    import fcntl

    fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_ASYNC)
    far.send(b"x")  # SIGIO to whoever owns the other end: it ends the canary
    return "sent"


attempt("owner, and a signal", signal_by_socket)
