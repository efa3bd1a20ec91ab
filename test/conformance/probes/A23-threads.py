# What the kernel says of every thread. Sixty: a job may have 64 tasks, its init and the runtime's among them.
import os
import threading

MORE = 48
SETS = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")


def loose():
    found = {}
    for task in os.listdir("/proc/self/task"):
        with open(f"/proc/self/task/{task}/status") as status:
            fields = dict(line.rstrip("\n").split(":\t", 1) for line in status if ":\t" in line)
        wanted = {"Seccomp": "2", "NoNewPrivs": "1", **{name: "0" * 16 for name in SETS}}
        other = {name: fields.get(name) for name, value in wanted.items() if fields.get(name, "").strip() != value}
        if other:
            found[task] = other
    return found


def at_start():
    found = loose()
    if found:
        return found
    raise Held("one thread, confined")


def with_more():
    stop = threading.Event()
    threads = [threading.Thread(target=stop.wait) for _ in range(MORE)]
    for thread in threads:
        thread.start()
    try:
        found = loose()
        count = len(os.listdir("/proc/self/task"))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    if found or count <= MORE:
        return found, count
    raise Held(f"{count} threads, all confined")


attempt("at start", at_start)
attempt("with more threads", with_more)
