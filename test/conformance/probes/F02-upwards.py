# A working directory or a descriptor of a directory outside leads to the whole host. The control opens one.
import os

if not SANDBOXED:
    os.dup2(os.open("/", os.O_RDONLY), 9)

secret = CANARY["secret"].lstrip("/")
UP = "../" * 20


def by_descriptor(number):
    return os.open(UP + secret, os.O_RDONLY, dir_fd=number)


for place in range(16):
    attempt(f"openat from {place}", lambda: by_descriptor(place if SANDBOXED else 9))
    attempt(f"by proc from {place}", lambda: open(f"/proc/self/fd/{place if SANDBOXED else 9}/{UP}{secret}").close())
attempt("from the working directory", lambda: open(UP + secret).close())
attempt("by proc", lambda: open(f"/proc/self/cwd/{UP}{secret}").close())
attempt("by the root of the init", lambda: open(f"/proc/1/root/{secret}").close())
