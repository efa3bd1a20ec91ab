# What only the job itself sees, from within it. SETTINGS, a JSON text, stands above. Everything may be refused: the answer to
# an attempt is its value, or {"errno": N}. Needs nothing that `strict` denies.
import builtins as _builtins
import ctypes as _ctypes
import json as _json
import os as _os

_settings = _json.loads(SETTINGS)
_libc = _ctypes.CDLL(None, use_errno=True)


def _attempt(function, *arguments):
    try:
        return function(*arguments)
    except OSError as error:
        return {"errno": error.errno}


def _call(number, arguments):
    """One system call. `buffer` stands for the address of zeroed memory; its numbers of 32 bits come with the result then."""
    buffer = (_ctypes.c_uint32 * 8)()
    address = _ctypes.addressof(buffer)
    registers = [_ctypes.c_long(address if argument == "buffer" else argument) for argument in arguments]
    result = _libc.syscall(_ctypes.c_long(number), *registers)
    if result < 0:
        return {"errno": _ctypes.get_errno()}
    return [result, *buffer[: _settings["words"]]] if "buffer" in arguments else result


def _open(path, flags):
    _os.close(_os.open(path, flags, 0o600))
    return "opened"


def _create(directory):
    path = directory.rstrip("/") + "/leeward-posture"
    answer = _open(path, _os.O_WRONLY | _os.O_CREAT | _os.O_EXCL)
    _attempt(_os.unlink, path)
    return answer


def _environment_of_libc():
    pointer = _ctypes.POINTER(_ctypes.c_char_p).in_dll(_libc, "environ")
    found = []
    while pointer[len(found)] is not None:
        found.append(pointer[len(found)].decode())
    return sorted(found)


def _read(path):
    with _builtins.open(path) as file:
        return file.read()


_found = {
    "calls": {name: _call(*arguments) for name, arguments in _settings["calls"].items()},
    "list": {path: _attempt(_open, path, _os.O_RDONLY | _os.O_DIRECTORY) for path in _settings["directories"]},
    "create": {path: _attempt(_create, path) for path in _settings["directories"]},
    "read": {path: _attempt(_open, path, _os.O_RDONLY) for path in _settings["files"]},
    "environ": sorted("%s=%s" % entry for entry in _os.environ.items()),
    "environ of libc": _environment_of_libc(),
    "cwd": _attempt(_os.getcwd),
    "names in /proc": _attempt(lambda: sorted(name for name in _os.listdir("/proc"))),
    "pid": _os.getpid(),
    "cgroup": _attempt(_read, "/proc/self/cgroup"),
    "mountinfo": _attempt(_read, "/proc/self/mountinfo"),
    "root of init": _attempt(_os.readlink, "/proc/1/root"),
}
with _builtins.open("/output/inside.json", "w") as _file:
    _json.dump(_found, _file)
