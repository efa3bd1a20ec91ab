# What attempts report with. `leeward policy probe` and the conformance suite put this text before their own, after a line that
# defines _SETUP: no file has to be mounted, and it works where only descriptor 1 can be written to. Its report is the job's
# word: it can make an outcome worse, never better than what the policy and the host's own eyes say.
import errno as _errno
import json as _json
import os as _os
import signal as _signal
import time as _time

# What the suite's cases have beside: see its README.
INPUT = _SETUP.get("input")  # directory with the case's files
OUTPUT = _SETUP.get("output")  # writable directory, None where the case asks for none
CANARY = _SETUP.get("canary")  # what lies outside on the host
MOUNTS = _SETUP.get("mounts")  # where the policy's plan mounts something
SANDBOXED = _SETUP["sandboxed"]  # False in the positive control
_CHILD_SECONDS = 10
_STARTED = _time.monotonic()
_more = False  # attempts are left for the next job
_said = 0  # bytes
# Python calls number 95 ENOTSUP; policies and the runner use the kernel's names.
_ERRNO_NAMES = {**_errno.errorcode, _errno.EOPNOTSUPP: "EOPNOTSUPP"}
_REPORTED = 77  # exit code of a child that has said how its attempt ended


class Held(Exception):
    """Raised by an attempt that was let through but got nothing: its text says what was seen."""


class Unprepared(OSError):
    """Raised by an attempt that could not be made: what it needs beforehand was refused."""


def _say(line):
    global _said
    data = b"\x1e" + _json.dumps(line).encode() + b"\n"
    _said += len(data)
    while data:
        data = data[_os.write(1, data) :]


def attempt(name, action):
    """Makes one attempt. `action` takes nothing; it raises OSError when it was refused, Held when it got nothing, and returns
    anything when it got through. Call it once for each name, the same names in every run."""
    global _more
    if name in _SETUP["skip"]:
        return
    # A job's time and output are for all of its attempts: one that is cut off must be to blame for it.
    _more = _more or _time.monotonic() > _STARTED + _SETUP["seconds"] or _said > _SETUP.get("bytes", _said)
    if _more:
        return
    if _SETUP["children"]:
        _attempt_in_child(name, action)
    else:
        _say({"begin": name})
        _say({"end": name, **_outcome(action)})


def _outcome(action):
    try:
        value = action()
        seen = {"value": repr(value)[:200]}
    except Held as held:
        seen = {"held": str(held)[:1000]}
    except OSError as error:
        name = _ERRNO_NAMES.get(error.errno or 0)
        kind = "unprepared" if isinstance(error, Unprepared) else "errno"
        seen = {kind: name} if name else {"exception": f"OSError: {error}"}
    except BaseException as error:
        seen = {"exception": f"{type(error).__name__}: {error}"[:1000]}
    return {"seen": seen}


def _attempt_in_child(name, action):
    # Unconfined, an attempt may well end the process, become another program, or never return.
    _say({"begin": name})
    child = _os.fork()
    if child == 0:
        _say({"end": name, **_outcome(action)})
        _os._exit(_REPORTED)
    overdue = []

    def end(*_):
        overdue.append(child)
        _os.kill(child, _signal.SIGKILL)

    _signal.signal(_signal.SIGALRM, end)
    _signal.setitimer(_signal.ITIMER_REAL, _CHILD_SECONDS)
    _, status = _os.waitpid(child, 0)
    _signal.setitimer(_signal.ITIMER_REAL, 0)
    if overdue:
        _say({"end": name, "seen": {"value": "did not return"}})
        return
    code = _os.waitstatus_to_exitcode(status)
    if code < 0:
        _say({"end": name, "seen": {"died": _signal.Signals(-code).name}})
    elif code != _REPORTED:
        _say({"end": name, "seen": {"value": f"the process ended with {code}"}})


# System calls by number: what the policy sees is exactly what is written here, whatever libc would make of it.

_keep = []


def number(call):
    """The number of a system call; a number is given back as it is."""
    return _SETUP["numbers"][call] if isinstance(call, str) else call


def buffer(content=b"", size=0):
    """Memory that can be passed to `syscall`; `.raw` is its content."""
    import ctypes

    return ctypes.create_string_buffer(content, max(size, len(content), 1))


def syscall(call, *args, quiet=False):
    """Makes a system call and gives what it returned. Arguments are integers, None (0), bytes, or a `buffer`. `quiet`: the report
    does not have it, since the attempt makes many that are alike.

    @raise OSError with the call's errno
    """
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    words = [_word(argument) for argument in args]
    nr = number(call)
    # Said before it is made: it may be the last thing that this process does.
    if not quiet:
        _say({"call": nr & 0xFFFFFFFF, "args": [hex(word) for word in words]})
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(nr), *[ctypes.c_ulong(word) for word in words])
    if result == -1 and ctypes.get_errno() != 0:
        raise OSError(ctypes.get_errno(), f"system call {call}")
    if result == 0 and nr in [_SETUP["numbers"].get(name) for name in ("clone", "clone3", "fork")]:
        _os._exit(0)  # the child of a call that got through: the attempt goes on in the parent
    return result


def _word(argument):
    import ctypes

    if argument is None:
        return 0
    if isinstance(argument, int):
        return argument & 0xFFFFFFFFFFFFFFFF
    if isinstance(argument, (bytes, bytearray)):
        argument = buffer(bytes(argument))
    _keep.append(argument)
    return ctypes.addressof(argument)


def words(*values):
    """A structure of 64-bit words, as bytes."""
    return b"".join((value & 0xFFFFFFFFFFFFFFFF).to_bytes(8, "little") for value in values)


def machine_code(name, *args):
    """Runs the case's machine code `name` from an executable mapping, and gives what it returned in a register.

    @raise OSError when the policy gives no executable memory
    """
    import ctypes
    import mmap

    text = bytes.fromhex(_SETUP["code"][name])
    memory = mmap.mmap(-1, len(text), prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(text)
    _keep.append(memory)
    entry = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    function = ctypes.CFUNCTYPE(ctypes.c_long, *[ctypes.c_long] * len(args), use_errno=True)(entry)
    return function(*args)


def program(name, *args):
    """Runs the file `name` of the case's input, and gives its standard output.

    @raise OSError when it cannot be executed; RuntimeError when it ends with another code than 0
    """
    import subprocess

    ended = subprocess.run([_os.path.join(INPUT, name), *args], stdout=subprocess.PIPE, text=True)
    if ended.returncode != 0:
        raise RuntimeError(f"{name} ended with {ended.returncode}: {ended.stdout}")
    return ended.stdout


def _data_attempts(calls):
    for name, nr, args in calls:
        attempt(name, lambda: syscall(nr, *[_data_argument(arg) for arg in args]))


def _data_argument(argument):
    return bytes.fromhex(argument["memory"]) if isinstance(argument, dict) else int(argument)


def _through():
    _say({"done": not _more})
    if _SETUP.get("leave"):
        _os._exit(0)  # so that no other job gets this process and what the attempts have left in it
