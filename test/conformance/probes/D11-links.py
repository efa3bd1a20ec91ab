import os
import threading

secret, directory = CANARY["secret"], CANARY["directory"]
made = 0


def link_to(target):
    global made
    made += 1
    path = f"/tmp/leeward-link-{os.getpid()}-{made}"
    if os.path.lexists(path):
        os.unlink(path)
    os.symlink(target, path)
    return path


def through(target, action):
    path = link_to(target)
    try:
        return action(path)
    finally:
        os.unlink(path)


def read(path):
    with open(path) as file:
        return file.read()


def chain():
    first = link_to(secret)
    second = link_to(os.path.basename(first))
    try:
        return read(second)
    finally:
        os.unlink(first)
        os.unlink(second)


def in_output():
    path = os.path.join(OUTPUT, "link")
    os.symlink(secret, path)
    return read(path)


def swapped(tries=2000):
    """A directory of the job and a link change places while the path is opened."""
    base = f"/tmp/leeward-swap-{os.getpid()}"
    os.mkdir(base)
    os.mkdir(f"{base}/real")
    with open(f"{base}/real/secret", "w") as file:
        file.write("the job's own")
    os.symlink(os.path.dirname(secret), f"{base}/link")
    stop = threading.Event()

    def swap():
        while not stop.is_set():
            os.rename(f"{base}/real", f"{base}/at")
            os.rename(f"{base}/at", f"{base}/real")
            os.rename(f"{base}/link", f"{base}/at")
            os.rename(f"{base}/at", f"{base}/link")

    thread = threading.Thread(target=swap)
    thread.start()
    won = None
    for _ in range(tries):
        try:
            text = read(f"{base}/at/secret")
        except OSError:
            continue
        if text != "the job's own":
            won = text
            break
    stop.set()
    thread.join()
    if won is None:
        return read(f"{base}/link/secret")
    return won


attempt("open", lambda: through(secret, read))
attempt("stat", lambda: through(secret, os.stat))
attempt("chdir", lambda: through(directory, os.chdir))
attempt("list", lambda: through(directory, os.listdir) or True)
attempt("write into", lambda: through(CANARY["file"], lambda path: os.open(path, os.O_WRONLY)))
attempt("create through a dangling link", lambda: through(directory + "/new", lambda path: os.open(path, os.O_CREAT | os.O_WRONLY)))
attempt("dots", lambda: through("../" * 40 + secret[1:], read))
attempt("proc/self/root", lambda: through("/proc/self/root" + secret, read))
attempt("proc/self/cwd", lambda: through("/proc/self/cwd/" + "../" * 40 + secret[1:], read))
attempt("chain of links", chain)
attempt("link that changes places", swapped)
attempt("link in output", in_output)
