# Pages of a file that everybody shares, lent to a pipe or a socket and then written to. The control changes the file openly: it shows
# that a change would be seen.
import errno
import os
import socket

PATH = os.path.join(INPUT, "shared") if INPUT else ""
TEXT = b"nobody changes this\n"


def unchanged(lend):
    if SANDBOXED:
        lend()
    else:
        with open(PATH, "r+b") as file:
            file.write(b"X")
    with open(PATH, "rb") as file:
        data = file.read()
    if data == TEXT:
        raise Held("the file is as it was")
    return data


def by_sendfile(make):
    near, far = make()
    with open(PATH, "rb") as file:
        os.sendfile(far, file.fileno(), 0, 8)
    os.write(far, b"Y" * 64)
    os.read(near, 4)
    os.write(far, b"Z" * 64)


def socket_pair():
    kept.extend(socket.socketpair())
    return kept[-2].fileno(), kept[-1].fileno()


def by_copy():
    with open(PATH, "rb") as file, open("/tmp/copy", "w+b") as copy:
        try:
            os.copy_file_range(file.fileno(), copy.fileno(), 8, 0, 0)
        except OSError as error:
            if error.errno != errno.EXDEV:  # between file systems sendfile copies
                raise
            os.sendfile(copy.fileno(), file.fileno(), 0, 8)
        os.pwrite(copy.fileno(), b"Y" * 8, 0)


def by_private_map():
    import mmap

    with open(PATH, "rb") as file, mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE) as memory:
        memory[0:4] = b"YYYY"


kept = []
attempt("sendfile to a pipe", lambda: unchanged(lambda: by_sendfile(os.pipe)))
attempt("sendfile to a socket", lambda: unchanged(lambda: by_sendfile(socket_pair)))
attempt("a copy", lambda: unchanged(by_copy))
attempt("a private map", lambda: unchanged(by_private_map))
attempt("splice", lambda: syscall("splice", -1, 0, -1, 0, 1, 0))
attempt("splice with a high half", lambda: syscall("splice", -1 << 32, 0, -1, 0, 1 << 32, 1 << 32))
attempt("tee", lambda: syscall("tee", -1, -1, 1, 0))
attempt("vmsplice", lambda: syscall("vmsplice", -1, 0, 1, 0))
attempt("a gift", lambda: syscall("vmsplice", -1, 0, 1, 8))
attempt("pages with the data", lambda: syscall("sendmsg", -1, 0, 0x8000000))
