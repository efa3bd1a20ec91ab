# The sandbox's name is the policy's (builtin:base). ENOENT: there is no other.
import errno
import os
import socket

OURS = "leeward"


def other(name):
    if name in (OURS, "(none)", "localhost"):
        raise OSError(errno.ENOENT, "no other name")
    return name


attempt("nodename", lambda: other(os.uname().nodename))
attempt("gethostname", lambda: other(socket.gethostname()))
attempt("proc", lambda: other(open("/proc/sys/kernel/hostname").read().strip()))
attempt("file", lambda: other(open("/etc/hostname").read().strip()))
attempt("hosts", lambda: open("/etc/hosts").read())
attempt("machine id", lambda: open("/etc/machine-id").read())
attempt("boot id", lambda: open("/proc/sys/kernel/random/boot_id").read())
# Lengths that the handler refuses.
attempt("sethostname", lambda: syscall("sethostname", b"x", -1))
attempt("setdomainname", lambda: syscall("setdomainname", b"x", -1))
