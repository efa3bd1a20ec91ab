# What the kernel says of every thread. Sixty: a job may have 64 tasks, its init and the runtime's among them.
import os
import threading

MORE = 48
SETS = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
WANTED = {
    "the filter": {"Seccomp": "2"},
    "no_new_privs": {"NoNewPrivs": "1"},
    "capabilities": {name: "0" * 16 for name in SETS},
}


def fields_of(task):
    with open(f"/proc/self/task/{task}/status") as status:
        return dict(line.rstrip("\n").split(":\t", 1) for line in status if ":\t" in line)


def loose(wanted):
    found = {}
    for task in os.listdir("/proc/self/task"):
        try:
            fields = fields_of(task)
        except (FileNotFoundError, ProcessLookupError):
            continue  # one of the attempt before: joined threads have left Python, not yet the kernel
        other = {name: fields.get(name) for name, value in wanted.items() if fields.get(name, "").strip() != value}
        if other:
            found[task] = other
    return found


def at_start(wanted):
    found = loose(wanted)
    if found:
        return found
    raise Held("one thread, confined")


def with_more(wanted):
    stop = threading.Event()
    threads = [threading.Thread(target=stop.wait) for _ in range(MORE)]
    for thread in threads:
        thread.start()
    try:
        found = loose(wanted)
        count = len(os.listdir("/proc/self/task"))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    if found or count <= MORE:
        return found, count
    raise Held(f"{count} threads, all confined")


for what, wanted in WANTED.items():
    attempt(f"{what} at start", lambda: at_start(wanted))
    attempt(f"{what} with more threads", lambda: with_more(wanted))
