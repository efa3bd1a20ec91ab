"""Finds and loads libleeward.so; the structs and functions of leeward.h as ctypes sees them."""

import ctypes
import os
import threading
from pathlib import Path
from typing import List, Optional

from .errors import LeewardError

_NAME = "libleeward.so"


class ErrorStruct(ctypes.Structure):
    """leeward_error"""

    _fields_ = [
        ("number", ctypes.c_int),
        ("retryable", ctypes.c_int),
        ("system_errno", ctypes.c_int),
        ("code", ctypes.c_char * 64),
        ("message", ctypes.c_char * 1024),
        ("place", ctypes.c_char * 512),
        ("hint", ctypes.c_char * 512),
    ]


class MountStruct(ctypes.Structure):
    """leeward_mount"""

    _fields_ = [("host", ctypes.c_char_p), ("sandbox", ctypes.c_char_p), ("writable", ctypes.c_int)]


_Strings = ctypes.POINTER(ctypes.c_char_p)


class FileStruct(ctypes.Structure):
    """leeward_file"""

    _fields_ = [("path", ctypes.c_char_p), ("data", ctypes.c_char_p), ("length", ctypes.c_size_t)]


class RequestStruct(ctypes.Structure):
    """leeward_request"""

    _fields_ = [
        ("size", ctypes.c_size_t),
        ("code", ctypes.c_char_p),
        ("code_length", ctypes.c_size_t),
        ("mounts", ctypes.POINTER(MountStruct)),
        ("mount_count", ctypes.c_size_t),
        ("timeout_secs", ctypes.c_double),
        ("memory_limit", ctypes.c_uint64),
        ("policy", ctypes.c_char_p),
        ("job_id", ctypes.c_char_p),
        ("params", _Strings),
        ("param_count", ctypes.c_size_t),
        ("argv", _Strings),
        ("argc", ctypes.c_size_t),
        ("stdin_data", ctypes.c_char_p),
        ("stdin_length", ctypes.c_size_t),
        ("env", _Strings),
        ("env_count", ctypes.c_size_t),
        ("allow_paths", _Strings),
        ("allow_path_count", ctypes.c_size_t),
        ("deadline_ms", ctypes.c_uint64),
        ("files", ctypes.POINTER(FileStruct)),
        ("file_count", ctypes.c_size_t),
        ("collect", _Strings),
        ("collect_count", ctypes.c_size_t),
        ("idempotency_key", ctypes.c_char_p),
    ]


_ERROR = ctypes.POINTER(ErrorStruct)
_HANDLE = ctypes.c_void_p
_HANDLE_OUT = ctypes.POINTER(ctypes.c_void_p)
_SIGNATURES = {
    "leeward_connect": (ctypes.c_int, [ctypes.c_char_p, _HANDLE_OUT, _ERROR]),
    "leeward_close": (None, [_HANDLE]),
    "leeward_fd": (ctypes.c_int, [_HANDLE]),
    "leeward_send": (ctypes.c_int, [_HANDLE, ctypes.POINTER(RequestStruct), _ERROR]),
    "leeward_receive": (ctypes.c_int, [_HANDLE, _HANDLE_OUT, _ERROR]),
    "leeward_ping": (ctypes.c_int, [_HANDLE, _HANDLE_OUT, _ERROR]),
    "leeward_result_integer": (ctypes.c_int, [_HANDLE, ctypes.c_char_p, ctypes.POINTER(ctypes.c_int64)]),
    "leeward_result_bytes": (
        ctypes.c_void_p,
        [_HANDLE, ctypes.c_char_p, ctypes.POINTER(ctypes.c_size_t), ctypes.POINTER(ctypes.c_int)],
    ),
    # Not c_char_p: ctypes would copy the text and lose the pointer that has to be freed.
    "leeward_result_json": (ctypes.c_void_p, [_HANDLE, ctypes.c_char_p]),
    "leeward_result_free": (None, [_HANDLE]),
    "leeward_free": (None, [ctypes.c_void_p]),
    "leeward_version": (ctypes.c_char_p, []),
}

_lock = threading.Lock()
_loaded: Optional[ctypes.CDLL] = None


def candidates() -> List[str]:
    """Where the library is looked for, in this order; a set LEEWARD_LIBRARY is the only candidate."""
    configured = os.environ.get("LEEWARD_LIBRARY")
    if configured:
        return [configured]
    package = Path(__file__).resolve().parent
    beside = [package / _NAME, package.parents[2] / "native" / "build" / _NAME]
    return [str(path) for path in beside if path.exists()] + [_NAME]


def _declare(library: ctypes.CDLL) -> ctypes.CDLL:
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
    return library


def load() -> ctypes.CDLL:
    """The library, loaded once. Raises LeewardError LW_NATIVE_NOT_BUILT."""
    global _loaded
    with _lock:
        if _loaded is None:
            _loaded = _load_first(candidates())
        return _loaded


def _load_first(paths: List[str]) -> ctypes.CDLL:
    reasons = []
    for path in paths:
        try:
            return _declare(ctypes.CDLL(path))
        except (OSError, AttributeError) as error:
            reasons.append(str(error))
    raise LeewardError(
        "LW_NATIVE_NOT_BUILT",
        f"{_NAME} cannot be loaded: {'; '.join(reasons)}",
        hint="run `npm run build` in Leeward's folder, or set LEEWARD_LIBRARY to the library's path",
    )
