# The filter sees a request's number, not what it is for: so every number that matters, on every kind of descriptor.
# Unconfined on none: there all of them reach the kernel, which looks for the descriptor first, and no driver acts.
import errno
import os
import select
import socket
import tempfile

LISTED = {0x5401, 0x5413, 0x5451, 0x5421}  # TCGETS, TIOCGWINSZ, FIOCLEX, FIONBIO
# Answered as by a file system that cannot do it, so that copies go on with read and write.
UNABLE = {0x40049409, 0x4020940D}

# asm-generic/ioctls.h, linux/fs.h, linux/random.h and drivers that containers had to be kept from.
KNOWN = """5402 5403 5404 5405 5408 5409 540a 540b 540c 540e 5410 5412 5414 5415 541b 541c 541d 5420 5422 5423 5424 5425 5428 5429
5450 5452 545d 5460 80045430 80045432 80045439 5441 1 2 1260 1261 125d 1277 127f 125e 80081272 80041270 40086602 80086601
401c5820 801c581f c0045877 c0045878 c0185879 c020660b 40806685 c0506617 c0189436 5000940a 50009401 4030580a c0c0586d c028660f 6611
80045200 40045201 80045203 5204 5206 5207 40085203 8004e500 4c00 4c01 4c05 4c0a 4c82 5761 c0a85320 c4c85512 c0406400 ae01 ae03
c00caee0 c0306201 af01 4004af07 400454ca 800454cf 8946 8947 8906 8907 8910 8911 8912 8913 8914 8927 8933 8941 8942 894a 894c 89a0 89f0
2400 2401 2285 5382 3b01 c0184900 c018aa3f 8018aa00 aa00 4008af00 c0105512 5501 4b3a 4b49 4b60 5600 5606 7013 4024700a""".split()
MANY = sorted({*range(0x5400, 0x5500), *(kind << 8 | number for kind in range(256) for number in (0, 1)), *(int(word, 16) for word in KNOWN)})


def pipe():
    return os.pipe()[0]


def regular_file():
    fd, path = tempfile.mkstemp(dir="/tmp")
    if not SANDBOXED:
        os.unlink(path)  # a job's goes with it, and not every policy lets it remove files
    return fd


def directory():
    return os.open("/tmp", os.O_RDONLY | os.O_DIRECTORY)


def timer():
    return syscall("timerfd_create", 1, 0)


def events():
    return syscall("eventfd2", 0, 0)


def pair():
    return socket.socketpair()[0].detach()


KINDS = {
    "standard input": lambda: 0,
    "standard output": lambda: 1,
    "pipe": pipe,
    "regular file": regular_file,
    "directory": directory,
    "input": lambda: os.open(os.path.join(INPUT, "regular"), os.O_RDONLY),
    "library": lambda: os.open("/usr/bin/python3", os.O_RDONLY),
    "proc": lambda: os.open("/proc/self/stat", os.O_RDONLY),
    "pair of sockets": pair,
    "epoll": lambda: select.epoll().fileno(),
    "timer": timer,
    "events": events,
    **{device: lambda device=device: os.open(f"/dev/{device}", os.O_RDWR) for device in ("null", "zero", "full")},
    **{device: lambda device=device: os.open(f"/dev/{device}", os.O_RDONLY) for device in ("random", "urandom")},
}


def reached(fd, request):
    try:
        syscall("ioctl", fd, request, 0)
        return True
    except OSError as error:
        return error.errno != (errno.EOPNOTSUPP if request in UNABLE else errno.EACCES)


def tried(make, requests):
    try:
        fd = make()
    except PermissionError:
        raise Held("the policy gives no such descriptor")
    through = [hex(request) for request in requests if request not in LISTED and reached(fd if SANDBOXED else -1, request)]
    if not through:
        raise Held(f"{len(requests)} requests were refused")
    return through


for kind, make in KINDS.items():
    attempt(kind, lambda: tried(make, [int(word, 16) for word in KNOWN]))
attempt("many on a pipe", lambda: tried(lambda: 0, MANY))
attempt("many on a device", lambda: tried(lambda: os.open("/dev/null", os.O_RDWR), MANY[::3]))
