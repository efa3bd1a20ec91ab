"""What a job is given, from Python values to the C struct."""

import ctypes
import math
import os
from typing import Any, Iterable, List, Mapping, Optional, Sequence, Tuple, Union

from .errors import LeewardError
from .library import FileStruct, MountStruct, RequestStruct

Path = Union[str, "os.PathLike[str]"]
#: {"host", "sandbox", "ro"}, or (host, sandbox), or (host, sandbox, "ro" or "rw").
Mount = Union[Mapping[str, Any], Sequence[Any]]
#: A list of mounts, or {sandbox: host} and {sandbox: (host, "rw")}.
Mounts = Union[Iterable[Mount], Mapping[str, Any]]

_MODES = {"ro": False, "rw": True}


def _bad(place: str, message: str) -> LeewardError:
    return LeewardError("LW_PROTO_BAD_FIELD", message, place=place)


def _text(value: Any, place: str) -> bytes:
    data = _utf8(value, place)
    # C would end the string there, and run something else than what was asked for.
    if b"\0" in data:
        raise _bad(place, f"{place} has a NUL character")
    return data


def _utf8(value: Any, place: str) -> bytes:
    if not isinstance(value, str):
        raise _bad(place, f"{place} is {type(value).__name__}, not str")
    try:
        return value.encode()
    except UnicodeEncodeError as error:
        raise _bad(place, f"{place} cannot be sent as UTF-8: {error.reason} at {error.start}") from error


def _path(value: Any, place: str) -> bytes:
    if not isinstance(value, (str, os.PathLike)):
        raise _bad(place, f"{place} is {type(value).__name__}, not a path")
    return _text(os.fspath(value), place)


def _writable(mode: Any, place: str) -> bool:
    if mode not in _MODES:
        raise _bad(place, f"{place} is {mode!r}, neither 'ro' nor 'rw'")
    return _MODES[mode]


def _mount(mount: Mount, place: str) -> Tuple[bytes, bytes, bool]:
    if isinstance(mount, Mapping):
        unknown = set(mount) - {"host", "sandbox", "ro"}
        if unknown:
            raise LeewardError("LW_PROTO_UNKNOWN_FIELD", f"unknown field of a mount: {min(unknown)}", place=place)
        host, sandbox, writable = mount.get("host"), mount.get("sandbox"), not mount.get("ro", True)
    elif isinstance(mount, Sequence) and not isinstance(mount, str) and len(mount) in (2, 3):
        host, sandbox = mount[0], mount[1]
        writable = _writable(mount[2], f"{place}[2]") if len(mount) == 3 else False
    else:
        raise _bad(place, f"{place} is {mount!r}, neither a dict nor (host, sandbox) nor (host, sandbox, mode)")
    return _path(host, f"{place}.host"), _path(sandbox, f"{place}.sandbox"), writable


def _mounts(mounts: Optional[Mounts]) -> List[Tuple[bytes, bytes, bool]]:
    if mounts is None:
        return []
    if not isinstance(mounts, Mapping):
        return [_mount(mount, f"mounts[{index}]") for index, mount in enumerate(mounts)]
    return [_mount(mount, f"mounts[{index}]") for index, mount in enumerate(_mapped_mounts(mounts))]


def _mapped_mounts(mounts: Mapping[str, Any]) -> Iterable[Mount]:
    for sandbox, source in mounts.items():
        host, *mode = source if isinstance(source, tuple) and source else (source,)
        yield (host, sandbox, *mode)


def _pairs(values: Optional[Mapping[str, str]], field: str) -> List[bytes]:
    pairs = []
    for name, value in (values or {}).items():
        place = f"{field}.{name}"
        if "=" in str(name):
            raise _bad(place, f"the name {name!r} in {field} has a '='")
        pairs.append(_text(name, place) + b"=" + _text(value, place))
    return pairs


def _files(files: Optional[Mapping[Any, Union[str, bytes]]]) -> List[Tuple[bytes, bytes]]:
    named = [(_path(path, "files"), data, f'files["{path}"]') for path, data in (files or {}).items()]
    return [(path, _content(data, place)) for path, data, place in named]


def _list(values: Optional[Iterable[Any]], field: str, encode: Any = _text) -> List[bytes]:
    if isinstance(values, (str, bytes)):
        raise _bad(field, f"{field} is one {type(values).__name__}, not a list")
    return [encode(value, f"{field}[{index}]") for index, value in enumerate(values or [])]


def _seconds(value: Any, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        raise _bad(place, f"{place} is {value!r}, not a number of seconds above 0")
    return float(value)


def _milliseconds(value: Any, place: str) -> int:
    # Rounded up, so that no time becomes 0, which is none at all; what is too long for C the daemon would refuse, too.
    seconds = _seconds(value, place)
    if seconds > 86400:
        raise _bad(place, f"{place} is {value!r}, more than the 86400 seconds of a day")
    return math.ceil(seconds * 1000)


def _bytes(value: Any) -> int:
    # Above 2^53 the protocol has no integers.
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 1 << 53:
        raise _bad("memory", f"memory is {value!r}, not a number of bytes above 0")
    return value


def _content(value: Any, place: str) -> bytes:
    if isinstance(value, str):
        return _utf8(value, place)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    raise _bad(place, f"{place} is {type(value).__name__}, neither str nor bytes")


class Request:
    """The C struct of one request, with everything that its pointers lead to."""

    def __init__(
        self,
        code: str,
        mounts: Optional[Mounts] = None,
        policy: Optional[str] = None,
        timeout: Optional[float] = None,
        memory: Optional[int] = None,
        argv: Optional[Iterable[str]] = None,
        stdin: Union[str, bytes, None] = None,
        env: Optional[Mapping[str, str]] = None,
        job_id: Optional[str] = None,
        params: Optional[Mapping[str, str]] = None,
        allow_paths: Optional[Iterable[Path]] = None,
        deadline: Optional[float] = None,
        files: Optional[Mapping[Any, Union[str, bytes]]] = None,
        collect: Optional[Iterable[Path]] = None,
        idempotency_key: Optional[str] = None,
    ) -> None:
        self._keep: List[Any] = []
        self.struct = RequestStruct(size=ctypes.sizeof(RequestStruct))
        self._set_code(code)
        self._set_mounts(_mounts(mounts))
        if timeout is not None:
            self.struct.timeout_secs = _seconds(timeout, "timeout")
        if deadline is not None:
            self.struct.deadline_ms = _milliseconds(deadline, "deadline")
        if memory is not None:
            self.struct.memory_limit = _bytes(memory)
        if policy is not None:
            self.struct.policy = _text(policy, "policy")
        if job_id is not None:
            self.struct.job_id = _text(job_id, "job_id")
        if idempotency_key is not None:
            self.struct.idempotency_key = _text(idempotency_key, "idempotency_key")
        self._set_stdin(None if stdin is None else _content(stdin, "stdin"))
        self._set_files(_files(files))
        self.struct.params, self.struct.param_count = self._strings(_pairs(params, "params"))
        self.struct.argv, self.struct.argc = self._strings(_list(argv, "argv"))
        self.struct.env, self.struct.env_count = self._strings(_pairs(env, "env"))
        self.struct.collect, self.struct.collect_count = self._strings(_list(collect, "collect", _path))
        self.struct.allow_paths, self.struct.allow_path_count = self._strings(_list(allow_paths, "allow_paths", _path))

    def _set_code(self, code: str) -> None:
        # With its length: code may hold a NUL, which is for the interpreter to refuse.
        data = _utf8(code, "code")
        self.struct.code, self.struct.code_length = data, len(data)
        self._keep.append(data)

    def _set_stdin(self, data: Optional[bytes]) -> None:
        if data is not None:
            self.struct.stdin_data, self.struct.stdin_length = data, len(data)
            self._keep.append(data)

    def _set_mounts(self, mounts: List[Tuple[bytes, bytes, bool]]) -> None:
        if mounts:
            array = (MountStruct * len(mounts))(*(MountStruct(*mount) for mount in mounts))
            self.struct.mounts, self.struct.mount_count = array, len(mounts)
            self._keep.append((array, mounts))

    def _set_files(self, files: List[Tuple[bytes, bytes]]) -> None:
        if files:
            array = (FileStruct * len(files))(*(FileStruct(path, data, len(data)) for path, data in files))
            self.struct.files, self.struct.file_count = array, len(files)
            self._keep.append((array, files))

    def _strings(self, values: List[bytes]) -> Tuple[Any, int]:
        if not values:
            return None, 0
        array = (ctypes.c_char_p * len(values))(*values)
        self._keep.append((array, values))
        return array, len(values)
