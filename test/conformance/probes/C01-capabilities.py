# A capability that is found is an escape; ENODATA says that there is none.
import errno
import glob
import os
import threading

SETS = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")


def found_in(pattern):
    found = {}
    paths = glob.glob(pattern)
    for path in paths:
        try:
            with open(path) as status:
                sets = dict(line.split() for line in status if line.split(":")[0] in SETS)
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended meanwhile
        held = {name: value for name, value in sets.items() if int(value, 16) != 0}
        if held or len(sets) != len(SETS):
            found[path] = held
    if found or not paths:
        return found
    raise OSError(errno.ENODATA, "no capability")


def in_threads():
    stop = threading.Event()
    threads = [threading.Thread(target=stop.wait) for _ in range(8)]
    for thread in threads:
        thread.start()
    try:
        return found_in("/proc/self/task/*/status")
    finally:
        stop.set()
        for thread in threads:
            thread.join()


attempt("this process", lambda: found_in("/proc/self/status"))
attempt("its threads", in_threads)
attempt("all processes", lambda: found_in("/proc/[0-9]*/status"))
attempt("the init", lambda: found_in("/proc/1/status"))
# Version 3, this process, every capability: the kernel refuses what is more than permitted. In the control bits which do
# not exist in the permitted set are refused all the same, as is version 0.
attempt("capset", lambda: syscall("capset", buffer((0).to_bytes(8, "little")), buffer(b"\xff" * 24)))
attempt("drop from the bounding set", lambda: syscall("prctl", PR_CAPBSET_DROP, 0xFFFF, 0, 0, 0))
attempt("raise an ambient one", lambda: syscall("prctl", PR_CAP_AMBIENT, 0xFFFF, 0, 0, 0))
