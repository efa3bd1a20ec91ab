# Attempts that look at what a job is: what follows calls _posture_attempts with what was derived from the policy. Each is as stated
# (Held), or gives what is otherwise.


def _posture_attempts(attempts):
    for one in attempts:
        attempt(one["name"], lambda: _POSTURE_ACTIONS[one["do"]](**one["with"]))


def _environment(variables):
    has = sorted(f"{name}={value}" for name, value in _os.environ.items())
    if has != sorted(variables):
        return ", ".join(sorted(set(has) ^ set(variables)))
    raise Held(f"{len(has)} variables")


def _returned(call, args, value):
    """A call that only tells: of users, groups, masks."""
    has = syscall(call, *args)
    if has != value:
        return has
    raise Held(str(has))


def _text_of(call, args, at, value):
    """A call that writes a text into memory, `at` so many bytes."""
    content = buffer(size=4096)
    syscall(call, content, *args)
    has = content.raw[at:].split(b"\0")[0].decode()
    if has != value:
        return has
    raise Held(has)


def _status(fields):
    with open("/proc/self/status") as file:
        has = dict(line.split(":\t", 1) for line in file.read().splitlines() if ":\t" in line)
    other = [f"{name} {has.get(name)}" for name, value in fields.items() if int(has.get(name, "-1"), 16) != value]
    if other:
        return ", ".join(other)
    raise Held(", ".join(fields))


def _connected():
    """To a port of the loopback that nobody listens on: refused there is an answer of somebody's network."""
    file = syscall("socket", AF_INET, SOCK_STREAM, 0)
    address = AF_INET.to_bytes(2, "little") + (1).to_bytes(2, "big") + bytes([127, 0, 0, 1]) + bytes(8)
    return syscall("connect", file, address, len(address))


_POSTURE_ACTIONS = {
    "environment": _environment,
    "number": _returned,
    "text": _text_of,
    "status": _status,
    "connect": _connected,
}
