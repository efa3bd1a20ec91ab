"""What the kernel shows of processes to root of the initial namespaces: files of /proc as they are, and what only calls tell.

Input: JSON {"pids": [], "programs": []}. Output: JSON {pid: process}; seccomp programs for those of `programs` alone. Nothing is judged here. Seccomp programs are read back by
ptrace(2), PTRACE_SECCOMP_GET_FILTER, which asks for CAP_SYS_ADMIN in the initial user namespace; where the caller may not, and
only there, `filters` is null.
"""

import ctypes
import errno
import fcntl
import json
import os
import platform
import socket
import stat
import struct
import sys

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
libc.ptrace.restype = ctypes.c_long

PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH, PTRACE_SECCOMP_GET_FILTER = 0x4206, 0x4207, 17, 0x420C
SYS_ioprio_get = {"x86_64": 252, "aarch64": 31}[platform.machine()]
SIOCGIFFLAGS = 0x8913
WALL = 0x40000000  # __WALL: a job's exit signal is not SIGCHLD
NAMESPACES = ("user", "pid", "mnt", "net", "ipc", "uts", "cgroup", "time")
TEXTS = (
    "uid_map gid_map setgroups limits mountinfo oom_score_adj personality coredump_filter cmdline environ net/dev net/route "
    "net/unix net/if_inet6 timens_offsets"
).split()
LINKS = ("root", "cwd", "exe")


def read(path):
    with open(path, "rb") as file:
        return file.read().decode("utf-8", "surrogateescape")


def read_or_none(path):
    try:
        return read(path)
    except OSError:
        return None


def ptrace(request, pid, address, data):
    result = libc.ptrace(request, pid, address, data)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), f"ptrace {request:#x}")
    return result


def filter_at(tid, index):
    """The program as an array of struct sock_filter in hex, or None when there is no such index."""
    try:
        count = ptrace(PTRACE_SECCOMP_GET_FILTER, tid, index, None)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.EINVAL):
            return None  # EINVAL: the thread has no filter at all
        raise
    program = ctypes.create_string_buffer(8 * count)
    ptrace(PTRACE_SECCOMP_GET_FILTER, tid, index, ctypes.cast(program, ctypes.c_void_p))
    return program.raw.hex()


def filters_of(tid):
    try:
        ptrace(PTRACE_SEIZE, tid, None, None)
    except PermissionError:
        return None
    try:
        ptrace(PTRACE_INTERRUPT, tid, None, None)
        os.waitpid(tid, WALL)
        found = []
        while (program := filter_at(tid, len(found))) is not None:
            found.append(program)
        return found
    except PermissionError:
        return None
    finally:
        ptrace(PTRACE_DETACH, tid, None, None)


def thread(pid, tid, with_programs):
    here = f"/proc/{pid}/task/{tid}"
    scheduler = os.sched_getscheduler(tid)
    return {
        "status": read(f"{here}/status"),
        "cgroup": read(f"{here}/cgroup"),
        "stat": read(f"{here}/stat"),
        "nice": os.getpriority(os.PRIO_PROCESS, tid),
        "scheduler": scheduler,
        "rt_priority": os.sched_getparam(tid).sched_priority,
        "affinity": sorted(os.sched_getaffinity(tid)),
        "ioprio": libc.syscall(SYS_ioprio_get, 1, tid),
        "timerslack": read_or_none(f"/proc/{tid}/timerslack_ns"),
        "filters": filters_of(tid) if with_programs else None,
    }


def descriptor(pid, number):
    path = f"/proc/{pid}/fd/{number}"
    status = os.stat(path)
    info = dict(line.split(":\t", 1) for line in read(f"/proc/{pid}/fdinfo/{number}").splitlines() if ":\t" in line)
    return {
        "link": os.readlink(path),
        "format": stat.S_IFMT(status.st_mode),
        "rdev": status.st_rdev,
        "flags": int(info["flags"], 8),
    }


def entry(path):
    status = os.lstat(path)
    return {
        "mode": status.st_mode,
        "uid": status.st_uid,
        "gid": status.st_gid,
        "rdev": status.st_rdev if stat.S_ISCHR(status.st_mode) or stat.S_ISBLK(status.st_mode) else 0,
        "link": os.readlink(path) if stat.S_ISLNK(status.st_mode) else "",
    }


def tree(root, points):
    """Everything that lies in the root and the mounts of `points`; what is mounted beneath is named, not entered."""
    found = {}
    for start in points:
        device = os.lstat(root + start).st_dev
        for folder, directories, files in os.walk(root + start):
            for name in directories + files:
                path = os.path.join(folder, name)
                found[path[len(root) :]] = entry(path)
            directories[:] = [
                name for name in directories if os.lstat(os.path.join(folder, name)).st_dev == device
            ]
    return found


def file_systems(root, mountinfo):
    """statvfs of each tmpfs, and what lies in those that hold mount points: the root, and the parents of request mounts."""
    mounts = [line.split(" ") for line in mountinfo.splitlines()]
    points = [fields[4] for fields in mounts if fields[fields.index("-") + 1] == "tmpfs" and fields[3] == "/"]
    sizes = {}
    for point in points:
        status = os.statvfs(root + point)
        sizes[point] = {"bytes": status.f_frsize * status.f_blocks, "inodes": status.f_files}
    # Where a job can write, it alone says what lies there.
    return sizes, tree(root, [point for point in points if not os.stat(root + point).st_mode & stat.S_IWOTH])


def auxiliary(pid):
    """What the kernel told the image at its execve(2), of that what does not name an address (getauxval(3))."""
    names = {11: "AT_UID", 12: "AT_EUID", 13: "AT_GID", 14: "AT_EGID", 23: "AT_SECURE"}
    with open(f"/proc/{pid}/auxv", "rb") as file:
        return {names[kind]: value for kind, value in struct.iter_unpack("QQ", file.read()) if kind in names}


def inside_namespaces(pid):
    """Host name, domain name, network interfaces and the limit of user namespaces, asked for by a child that joins."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        for kind in ("uts", "net"):
            with open(f"/proc/{pid}/ns/{kind}", "rb") as namespace:
                if libc.setns(namespace.fileno(), 0) < 0:
                    os._exit(1)
        query = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        flags = {}
        for _, name in socket.if_nameindex():
            answer = fcntl.ioctl(query, SIOCGIFFLAGS, struct.pack("16sh22x", name.encode(), 0))
            flags[name] = struct.unpack("16sh22x", answer)[1] & 0xFFFF
        domain = ctypes.create_string_buffer(65)
        libc.getdomainname(domain, 65)
        found = {"hostname": os.uname().nodename, "domainname": domain.value.decode(), "interfaces": flags}
        if os.readlink(f"/proc/{pid}/ns/user") != os.readlink("/proc/self/ns/user"):
            with open(f"/proc/{pid}/ns/user", "rb") as namespace:
                if libc.setns(namespace.fileno(), 0) < 0:
                    os._exit(1)
        found["userNamespacesMax"] = int(read("/proc/sys/user/max_user_namespaces"))
        os.write(writer, json.dumps(found).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        found = json.loads(answer.read())
    os.waitpid(child, 0)
    return found


def process(pid, with_programs):
    here = f"/proc/{pid}"
    found = {
        "pid": pid,
        "texts": {name: read_or_none(f"{here}/{name}") for name in TEXTS},
        "links": {name: os.readlink(f"{here}/{name}") for name in LINKS},
        "namespaces": {name: os.readlink(f"{here}/ns/{name}") for name in NAMESPACES},
        "auxiliary": auxiliary(pid),
        "owner": [os.stat(f"{here}/status").st_uid, os.stat(f"{here}/status").st_gid],
        "descriptors": {number: descriptor(pid, number) for number in os.listdir(f"{here}/fd")},
        "threads": {tid: thread(pid, int(tid), with_programs) for tid in os.listdir(f"{here}/task")},
        **inside_namespaces(pid),
    }
    found["sizes"], found["tree"] = file_systems(f"{here}/root", found["texts"]["mountinfo"])
    return found


wanted = json.load(sys.stdin)
json.dump({str(pid): process(pid, pid in wanted["programs"]) for pid in wanted["pids"]}, sys.stdout)
