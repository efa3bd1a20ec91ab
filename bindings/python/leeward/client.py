"""One connection to the daemon, and the one-shot `run_code`."""

import ctypes
import os
import select
import threading
from types import TracebackType
from typing import Any, Dict, Iterable, Mapping, Optional, Type, Union

from .errors import LeewardError
from .library import ErrorStruct, load
from .request import Mounts, Path, Request
from .result import Answer, Result, result_of


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _error_of(error: ErrorStruct) -> LeewardError:
    return LeewardError(
        _text(error.code),
        _text(error.message),
        retryable=bool(error.retryable),
        place=_text(error.place) or None,
        hint=_text(error.hint) or None,
    )


class Client:
    """A connection to a Leeward daemon; a context manager.

    `socket` is the path of the daemon's socket. Without it: LEEWARD_SOCKET, else the user's own daemon, else the
    system's. Threads may share a client; their requests then run one after the other.

    Raises LeewardError LW_DAEMON_UNREACHABLE, LW_DAEMON_UNTRUSTED_SERVER, LW_NATIVE_NOT_BUILT.
    """

    def __init__(self, socket: Optional[Path] = None) -> None:
        self._library = load()
        self._lock = threading.Lock()
        self._handle: Optional[ctypes.c_void_p] = None
        handle = ctypes.c_void_p()
        path = None if socket is None else os.fsencode(socket)
        self._check("leeward_connect", path, ctypes.byref(handle))
        self._handle = handle

    def execute(self, code: str, **fields: Any) -> Result:
        """Runs code; the fields are those of `run_code`. Ctrl-C cancels the job and closes the connection."""
        return self.run(Request(code, **fields))

    def run(self, request: Request) -> Result:
        """Runs a request that was made before."""
        with self._lock:
            handle = self._open_handle()
            try:
                self._check("leeward_send", handle, ctypes.byref(request.struct))
                # Waiting is done here and not in C, where a signal could not raise KeyboardInterrupt.
                self._wait_for_answer(handle)
                answer = self._receive("leeward_receive", handle)
            except BaseException as error:
                # An answer may be on its way that the next request would take for its own.
                if not isinstance(error, LeewardError):
                    self._close()
                raise
        try:
            return result_of(answer)
        finally:
            answer.free()

    def ping(self) -> Dict[str, Any]:
        """Who answers: {"protocol", "minimum_protocol", "version", "pid", "uid"}."""
        with self._lock:
            answer = self._receive("leeward_ping", self._open_handle())
        try:
            pong: Dict[str, Any] = answer.json("result")
            return pong
        finally:
            answer.free()

    def close(self) -> None:
        """Ends the connection. Idempotent."""
        with self._lock:
            self._close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()

    def __del__(self) -> None:
        # Nobody else can hold the lock: there is no reference left.
        if getattr(self, "_handle", None) is not None:
            self._close()

    def _open_handle(self) -> ctypes.c_void_p:
        if self._handle is None:
            raise LeewardError("LW_DAEMON_UNREACHABLE", "the client is closed")
        return self._handle

    def _close(self) -> None:
        handle, self._handle = self._handle, None
        self._library.leeward_close(handle)

    def _wait_for_answer(self, handle: ctypes.c_void_p) -> None:
        poll = select.poll()
        poll.register(self._library.leeward_fd(handle), select.POLLIN)
        poll.poll()

    def _receive(self, function: str, handle: ctypes.c_void_p) -> Answer:
        result = ctypes.c_void_p()
        self._check(function, handle, ctypes.byref(result))
        return Answer(result)

    def _check(self, function: str, *arguments: Any) -> None:
        error = ErrorStruct()
        if getattr(self._library, function)(*arguments, ctypes.byref(error)) != 0:
            raise _error_of(error)


def run_code(
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
    files: Optional[Mapping[Path, Union[str, bytes]]] = None,
    collect: Optional[Iterable[Path]] = None,
    idempotency_key: Optional[str] = None,
    socket: Optional[Path] = None,
) -> Result:
    """Runs code in a fresh sandbox, on a connection of its own.

    `mounts`: dicts {"host", "sandbox", "ro"}, tuples (host, sandbox[, "ro" or "rw"]), or a mapping {sandbox: host} or
    {sandbox: (host, "rw")}. `timeout` in seconds, `memory` in bytes; what is None is the policy's default. `policy`
    None is the tenant's default. `env` holds what the policy's allow list admits, `params` the placeholders of its mount
    templates; `allow_paths` is taken from the daemon's user and from root only. `deadline`, in seconds, is the longest
    wait for the start of the code (LW_REQUEST_DEADLINE after it); None waits as long as it takes. `files` are small files,
    {path in the sandbox: str or bytes}, written there before the code runs; `collect` names such files of writable mounts,
    the last part perhaps a pattern, that come back in `Result.files`. The same `idempotency_key` with the same request is
    run once: sent again, it gives the answer of the first (`Result.replayed`).

    Returns a Result whatever became of the job once it has run. Raises LeewardError when no user code has run, or its
    end is not known (LW_JOB_LOST).
    """
    # First of all: what is wrong with the request is said without a daemon.
    request = Request(
        code,
        mounts=mounts,
        policy=policy,
        timeout=timeout,
        memory=memory,
        argv=argv,
        stdin=stdin,
        env=env,
        job_id=job_id,
        params=params,
        allow_paths=allow_paths,
        deadline=deadline,
        files=files,
        collect=collect,
        idempotency_key=idempotency_key,
    )
    with Client(socket) as client:
        return client.run(request)
