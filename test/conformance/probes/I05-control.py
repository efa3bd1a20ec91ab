# What the worker was told over: the pipe of the request is closed, and the pipe of the claims only takes. Descriptors of the control are a
# socket to the suite at most; it opens a pipe for each attempt, which is what a leak would be.
import os

LAST = 255


def numbers():
    if SANDBOXED:
        return [number for number in range(3, LAST + 1) if number != 4]
    return list(os.pipe())


def first(action):
    """The first descriptor for which it goes through; else the last refusal."""
    refusal = OSError(0, "none")
    for number in numbers():
        try:
            return number, action(number)
        except OSError as error:
            refusal = error
    raise refusal


def read_claims():
    if SANDBOXED:
        return os.read(4, 1)
    near, far = os.pipe()
    os.write(far, b"x")
    return os.read(near, 1)


attempt("write", lambda: first(lambda number: os.write(number, b"garbage")))
attempt("read", lambda: first(lambda number: (os.set_blocking(number, False), os.write(number, b"x"))))
attempt("duplicate", lambda: first(os.dup))
attempt("open again", lambda: first(lambda number: os.open(f"/proc/self/fd/{number}", os.O_RDWR | os.O_NONBLOCK)))
attempt("read the claims", read_claims)
attempt("of the parent", lambda: os.listdir(f"/proc/{os.getppid()}/fd"))
attempt("memory of the parent", lambda: os.open(f"/proc/{os.getppid()}/mem", os.O_RDONLY))
