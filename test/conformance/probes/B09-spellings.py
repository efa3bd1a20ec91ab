import os

secret = CANARY["secret"]
relative = secret.lstrip("/")


def read(path, dir_fd=None):
    descriptor = os.open(path, os.O_RDONLY, dir_fd=dir_fd)
    try:
        return os.read(descriptor, 200)
    finally:
        os.close(descriptor)


def by_root():
    return read(relative, os.open("/", os.O_PATH | os.O_DIRECTORY))


def by_descriptor_path(template):
    descriptor = os.open("/", os.O_PATH | os.O_DIRECTORY)
    return read(template.format(descriptor) + "/" + relative)


attempt("absolute", lambda: read(secret))
attempt("relative", lambda: read("../" * 40 + relative))
attempt("directory descriptor", by_root)
attempt("above a directory descriptor", lambda: read("../" * 40 + relative, os.open("/tmp", os.O_RDONLY)))
attempt("descriptor in proc", lambda: by_descriptor_path("/proc/self/fd/{}"))
attempt("descriptor of the thread", lambda: by_descriptor_path("/proc/thread-self/fd/{}"))
attempt("descriptor in dev", lambda: by_descriptor_path("/dev/fd/{}"))
attempt("root of the process", lambda: read(f"/proc/self/root/{relative}"))
attempt("root of the thread", lambda: read(f"/proc/thread-self/root/{relative}"))
attempt("root of the task", lambda: read(f"/proc/self/task/{os.getpid()}/root/{relative}"))
attempt("working directory", lambda: read("/proc/self/cwd/" + "../" * 40 + relative))
