"""The one exception of this package."""

from typing import Optional


class LeewardError(Exception):
    """Leeward could not, or would not, run the code: nothing of it has run, or its result is not known.

    `code` is stable and may be compared (``LW_DAEMON_UNREACHABLE``), `message` is for people. `retryable` says that
    the same request, sent again, may succeed. `place` is the field of the request (``mounts[0].host``) or
    ``file:line:col``.
    """

    def __init__(
        self,
        code: str,
        message: str,
        retryable: bool = False,
        place: Optional[str] = None,
        hint: Optional[str] = None,
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.retryable = retryable
        self.place = place
        self.hint = hint

    def __str__(self) -> str:
        place = f" ({self.place})" if self.place else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{self.code}: {self.message}{place}{hint}"

    def __reduce__(self) -> "tuple[object, ...]":
        return (LeewardError, (self.code, self.message, self.retryable, self.place, self.hint))
