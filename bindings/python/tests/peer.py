"""A protocol peer for the tests: answers requests on a socket with recorded or given frames."""

import json
import os
import socket
import struct
import tempfile
import threading
from pathlib import Path
from typing import Any, Dict, List, Optional

VECTORS = Path(__file__).resolve().parents[3] / "test" / "vectors" / "protocol"


def vector(file: str, name: str) -> bytes:
    """The frame of a shared test vector, with its length."""
    entries = json.loads((VECTORS / file).read_text())
    return next(bytes.fromhex(entry["frame"]) for entry in entries if entry["name"] == name)


def pack(value: Any) -> bytes:
    """msgpack, as far as answers need it."""
    if value is None or isinstance(value, bool):
        return {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[value]
    if isinstance(value, int):
        return struct.pack(">Bq", 0xD3, value)
    if isinstance(value, float):
        return struct.pack(">Bd", 0xCB, value)
    if isinstance(value, str):
        data = value.encode()
        return struct.pack(">BI", 0xDB, len(data)) + data
    if isinstance(value, bytes):
        return struct.pack(">BI", 0xC6, len(value)) + value
    if isinstance(value, list):
        return struct.pack(">BI", 0xDD, len(value)) + b"".join(map(pack, value))
    return struct.pack(">BI", 0xDF, len(value)) + b"".join(pack(name) + pack(item) for name, item in value.items())


def frame(value: Dict[str, Any]) -> bytes:
    payload = pack(value)
    return struct.pack(">I", len(payload)) + payload


class Peer:
    """Listens; answers every request with `answer`, or never when that is None. A context manager."""

    def __init__(self, answer: Optional[bytes]) -> None:
        self.answer = answer
        self.requests: List[bytes] = []
        #: Set when a client's connection has ended.
        self.hung_up = threading.Event()
        self._directory = tempfile.TemporaryDirectory()
        self.path = os.path.join(self._directory.name, "leeward.sock")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen()
        self._threads: List[threading.Thread] = []

    def __enter__(self) -> "Peer":
        self._start(self._accept)
        return self

    def __exit__(self, *_: Any) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listener.close()
        self._directory.cleanup()

    def _start(self, main: Any, *arguments: Any) -> None:
        thread = threading.Thread(target=main, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream:
            while True:
                header = stream.read(4)
                if len(header) < 4:
                    break
                self.requests.append(header + stream.read(struct.unpack(">I", header)[0]))
                if self.answer is not None:
                    connection.sendall(self.answer)
        self.hung_up.set()
