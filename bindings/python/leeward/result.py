"""What became of a job."""

import base64
import ctypes
import json
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Union

from .library import load


@dataclass(frozen=True)
class JobError:
    """The exception that ended the job, by the job's own claim."""

    name: str
    value: str
    traceback: str


@dataclass(frozen=True)
class Failure:
    """Why Leeward stopped a job: there exactly when `Result.success` is false."""

    code: str
    message: str
    retryable: bool


@dataclass(frozen=True)
class Result:
    """How a job ended. Status, limits and usage are the kernel's word; `error`, `stdout` and `stderr` are the job's.

    What is not known is None, never 0. Names and meanings are those of the protocol reference.
    """

    #: True when the job ran to an end of its own, whatever its exit code.
    success: bool
    #: ok, error, signaled, timed_out, oom_killed, output_limit, cpu_limit, denied, cancelled, sandbox_error or lost.
    status: Optional[str]
    exit_code: Optional[int]
    #: Number of the signal that ended the job.
    signal: Optional[int]
    #: Text, or bytes when the job wrote something that is not UTF-8.
    stdout: Union[str, bytes]
    stderr: Union[str, bytes]
    duration_ms: Optional[int]
    #: Bytes.
    memory_peak: Optional[int]
    cpu_time_us: Optional[int]
    timed_out: bool
    oom_killed: bool
    #: {"stdout": bool, "stderr": bool}: the stream was cut.
    truncated: Mapping[str, bool]
    error: Optional[JobError]
    failure: Optional[Failure]
    #: Refused system calls, each with count, rule and a hint.
    denials: List[Dict[str, Any]]
    #: {"name", "generation", "digest"}
    policy: Optional[Mapping[str, Any]]
    #: The receipt: what was really enforced.
    enforced: Optional[Mapping[str, Any]]
    #: Microseconds of each part.
    timing: Optional[Mapping[str, Any]]
    #: What the request collects, by path in the sandbox.
    files: Mapping[str, bytes]
    #: {"path", "reason"} of what fits and is not in `files`.
    not_collected: List[Dict[str, str]]
    #: The job was run for an earlier request with the same `idempotency_key`.
    replayed: bool
    #: The job's own name: `leeward ps`, `kill` and `logs` and the audit log know it by that. None from an older daemon.
    job: Optional[str]


class Answer:
    """A leeward_result, read member by member."""

    def __init__(self, handle: ctypes.c_void_p) -> None:
        self._library = load()
        self._handle = handle

    def free(self) -> None:
        self._library.leeward_result_free(self._handle)

    def integer(self, path: str) -> Optional[int]:
        value = ctypes.c_int64()
        known = self._library.leeward_result_integer(self._handle, path.encode(), ctypes.byref(value))
        return value.value if known else None

    def boolean(self, path: str) -> bool:
        return bool(self.integer(path))

    def text_or_bytes(self, path: str) -> Union[str, bytes, None]:
        length = ctypes.c_size_t()
        is_text = ctypes.c_int()
        pointer = self._library.leeward_result_bytes(
            self._handle, path.encode(), ctypes.byref(length), ctypes.byref(is_text)
        )
        if not pointer:
            return None
        data = ctypes.string_at(pointer, length.value)
        return data.decode("utf-8", "surrogateescape") if is_text.value else data

    def text(self, path: str) -> Optional[str]:
        value = self.text_or_bytes(path)
        return value if isinstance(value, str) else None

    def json(self, path: str) -> Any:
        """Any member as Python values; None when it is absent or null."""
        pointer = self._library.leeward_result_json(self._handle, path.encode())
        if not pointer:
            return None
        try:
            return json.loads(ctypes.string_at(pointer).decode("utf-8", "surrogateescape"))
        finally:
            self._library.leeward_free(pointer)


def _job_error(answer: Answer) -> Optional[JobError]:
    name = answer.text("result.error.name")
    if name is None:
        return None
    return JobError(name, answer.text("result.error.value") or "", answer.text("result.error.traceback") or "")


def _failure(answer: Answer) -> Optional[Failure]:
    code = answer.text("error.code")
    if code is None:
        return None
    return Failure(code, answer.text("error.message") or "", answer.boolean("error.retryable"))


def _files(answer: Answer) -> Dict[str, bytes]:
    files = answer.json("result.files") or {}
    return {path: base64.b64decode(content["base64"]) for path, content in files.items()}


def result_of(answer: Answer) -> Result:
    """The result in an answer to Execute."""
    return Result(
        success=answer.boolean("success"),
        status=answer.text("result.status"),
        exit_code=answer.integer("result.exit_code"),
        signal=answer.integer("result.signal"),
        stdout=answer.text_or_bytes("result.stdout") or "",
        stderr=answer.text_or_bytes("result.stderr") or "",
        duration_ms=answer.integer("result.duration_ms"),
        memory_peak=answer.integer("result.memory_peak"),
        cpu_time_us=answer.integer("result.cpu_time_us"),
        timed_out=answer.boolean("result.timed_out"),
        oom_killed=answer.boolean("result.oom_killed"),
        truncated=answer.json("result.truncated") or {},
        error=_job_error(answer),
        failure=_failure(answer),
        denials=answer.json("result.denials") or [],
        policy=answer.json("result.policy"),
        enforced=answer.json("result.enforced"),
        timing=answer.json("result.timing"),
        files=_files(answer),
        not_collected=answer.json("result.not_collected") or [],
        replayed=answer.boolean("replayed"),
        job=answer.text("job"),
    )
