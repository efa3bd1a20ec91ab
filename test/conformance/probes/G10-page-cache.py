# Pages of a file that everybody shares, lent to a pipe or a socket and then written to. The control changes the file
# openly: it shows that a change would be seen.
import os
import shutil

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


def by_copy():
    copy = shutil.copyfile(PATH, "/tmp/copy")
    with open(copy, "r+b") as file:
        file.write(b"Y" * 8)


def by_private_map():
    import mmap

    with open(PATH, "rb") as file, mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE) as memory:
        memory[0:4] = b"YYYY"


attempt("a copy", lambda: unchanged(by_copy))
attempt("a private map", lambda: unchanged(by_private_map))
# Pages of a file would be in the pipe, not copies: sendfile(2) to a pipe is a splice.
attempt("sendfile", lambda: syscall("sendfile", -1, -1, 0, 8))
attempt("sendfile with a high half", lambda: syscall("sendfile", -1 << 32, -1 << 32, 0, 8))
attempt("copy_file_range", lambda: syscall("copy_file_range", -1, 0, -1, 0, 8, 0))
attempt("splice", lambda: syscall("splice", -1, 0, -1, 0, 1, 0))
attempt("splice with a high half", lambda: syscall("splice", -1 << 32, 0, -1, 0, 1 << 32, 1 << 32))
attempt("tee", lambda: syscall("tee", -1, -1, 1, 0))
attempt("vmsplice", lambda: syscall("vmsplice", -1, 0, 1, 0))
attempt("a gift", lambda: syscall("vmsplice", -1, 0, 1, 8))
attempt("pages with the data", lambda: syscall("sendmsg", -1, 0, 0x8000000))
