import mmap
import os

RWX = PROT_READ | PROT_WRITE | PROT_EXEC
ANONYMOUS = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS


def plain():
    return syscall("mmap", 0, 4096, PROT_READ | PROT_WRITE, ANONYMOUS, -1, 0)


attempt("mmap of all rights", lambda: syscall("mmap", 0, 4096, RWX, ANONYMOUS, -1, 0))
attempt("mprotect to all rights", lambda: syscall("mprotect", plain(), 4096, RWX))
attempt("mprotect from writable to executable", lambda: syscall("mprotect", plain(), 4096, PROT_READ | PROT_EXEC))
attempt("pkey_mprotect", lambda: syscall("pkey_mprotect", plain(), 4096, RWX, -1))
attempt("segment to attach", lambda: syscall("shmget", 0, 0, 0))
attempt("attach executable", lambda: syscall("shmat", -1, 0, 0o100000))
attempt("memory as a file", lambda: syscall("memfd_create", b"probe\0", -1))
attempt("own memory as a file", lambda: os.open("/proc/self/mem", os.O_RDWR))
attempt("own memory by another call", lambda: syscall("process_madvise", -1, 0, 0, 0, -1))
