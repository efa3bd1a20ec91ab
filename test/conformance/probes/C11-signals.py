import os

outside = CANARY["pid"]


def group_of_canary():
    return os.kill(-os.getpgid(outside), 0)


attempt("the group of the canary", group_of_canary)
attempt("the canary, asked", lambda: os.kill(outside, 0))
attempt("the canary with a high half", lambda: syscall("kill", outside | 1 << 32, 0))
attempt("tgkill, asked", lambda: syscall("tgkill", outside, outside, 0))
attempt("by descriptor", lambda: syscall("pidfd_open", outside, 0))
attempt("by descriptor of a thread", lambda: syscall("pidfd_open", outside, os.O_EXCL))
attempt("to a descriptor", lambda: syscall("pidfd_send_signal", -1, 0, 0, 0))
attempt("tkill", lambda: syscall("tkill", outside, 0))
attempt("queued", lambda: syscall("rt_sigqueueinfo", outside, 10, 0))
attempt("queued to a thread", lambda: syscall("rt_tgsigqueueinfo", outside, outside, 10, 0))
attempt("the canary, stopped", lambda: os.kill(outside, 19))
attempt("the canary, killed", lambda: os.kill(outside, 9))
