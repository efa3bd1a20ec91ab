import os

# In the control too: a file of one's own, which goes with the directory.
path = os.path.join(OUTPUT, f"own-{os.getpid()}")
with open(path, "wb") as file:
    file.write(b"#!/bin/true\n")
name = path.encode() + b"\0"
# VFS_CAP_REVISION_2, effective, every permitted capability (linux/capability.h).
CAPABILITY = (0x02000001).to_bytes(4, "little") + b"\xff\xff\xff\xff" + b"\0" * 4 + b"\xff\0\0\0" + b"\0" * 4
XATTR = b"security.capability\0"


def opened(flags, mode):
    return syscall("openat", AT_FDCWD, path.encode() + b"-new\0", flags, mode)


for call in ("setxattr", "lsetxattr"):
    attempt(call, lambda: syscall(call, name, XATTR, CAPABILITY, len(CAPABILITY), 0))
attempt("fsetxattr", lambda: syscall("fsetxattr", os.open(path, os.O_RDWR), XATTR, CAPABILITY, len(CAPABILITY), 0))
attempt("removexattr", lambda: syscall("removexattr", name, XATTR))
attempt("setxattrat", lambda: syscall("setxattrat", AT_FDCWD, name, 0, XATTR, 0, 0))
attempt("posix acl", lambda: syscall("setxattr", name, b"system.posix_acl_access\0", 0, 0, 0))
for bits in (0o4755, 0o2755, 0o6711):
    attempt(f"chmod {bits:o}", lambda: syscall("chmod", name, bits))
    attempt(f"fchmod {bits:o}", lambda: syscall("fchmod", os.open(path, os.O_RDWR), bits))
    attempt(f"fchmodat {bits:o}", lambda: syscall("fchmodat", AT_FDCWD, name, bits))
    attempt(f"fchmodat2 {bits:o}", lambda: syscall("fchmodat2", AT_FDCWD, name, bits, 0))
    attempt(f"openat {bits:o}", lambda: opened(os.O_CREAT | os.O_RDWR, bits))
    attempt(f"open {bits:o}", lambda: syscall("open", name, os.O_CREAT | os.O_RDWR, bits))
    attempt(f"creat {bits:o}", lambda: syscall("creat", name, bits))
    attempt(f"mkdir {bits:o}", lambda: syscall("mkdir", name[:-1] + b"-d\0", bits))
    attempt(f"mkdirat {bits:o}", lambda: syscall("mkdirat", AT_FDCWD, name[:-1] + b"-e\0", bits))
    attempt(f"mknodat {bits:o}", lambda: syscall("mknodat", AT_FDCWD, name[:-1] + b"-n\0", 0o100000 | bits, 0))
attempt("openat2", lambda: syscall("openat2", AT_FDCWD, name[:-1] + b"-o\0", words(os.O_CREAT | os.O_RDWR, 0o4755, 0), 24))
attempt("chown to another", lambda: syscall("chown", name, 1, 1))
attempt("fchownat to another", lambda: syscall("fchownat", AT_FDCWD, name, 65534, 65534, 0))
