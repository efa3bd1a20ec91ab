# A filter that allows everything, and one that gives up strictness: neither may be installed, and ours must still hold.
import ctypes
import struct

RET_ALLOW = struct.pack("<HBBI", 0x06, 0, 0, 0x7FFF0000)
instructions = buffer(RET_ALLOW)


def program():
    return buffer(struct.pack("<HxxxxxxQ", 1, ctypes.addressof(instructions)))


def without_privileges():
    try:
        syscall("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)  # an ordinary user's control needs it
    except OSError:
        pass


def install(call, *args):
    without_privileges()
    return syscall(call, *args, program())


def then_socket():
    for call, args in (("seccomp", (1, 0)), ("prctl", (PR_SET_SECCOMP, 2))):
        try:
            install(call, *args)
        except OSError:
            pass
    return syscall("socket", AF_INET, SOCK_DGRAM, 0)


attempt("seccomp filter", lambda: install("seccomp", 1, 0))
attempt("seccomp filter for all threads", lambda: install("seccomp", 1, 1))
attempt("seccomp filter with listener", lambda: install("seccomp", 1, 8))
attempt("seccomp strict", lambda: syscall("seccomp", 0, 0, 0))
attempt("seccomp asks for actions", lambda: syscall("seccomp", 2, 0, buffer(struct.pack("<I", 0x7FFF0000))))
attempt("prctl filter", lambda: install("prctl", PR_SET_SECCOMP, 2))
attempt("a socket afterwards", then_socket)
