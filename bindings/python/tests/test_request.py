import ctypes
import unittest
from typing import Any, Dict, List, Tuple

from leeward import LeewardError
from leeward.request import Request


class RefusalTest(unittest.TestCase):
    CASES: List[Tuple[Dict[str, Any], str, str]] = [
        ({"code": b"pass"}, "code", "code is bytes, not str"),
        ({"code": "\ud800"}, "code", "code cannot be sent as UTF-8: surrogates not allowed at 0"),
        ({"idempotency_key": 7}, "idempotency_key", "idempotency_key is int, not str"),
        ({"policy": "a\0b"}, "policy", "policy has a NUL character"),
        ({"timeout": 0}, "timeout", "timeout is 0, not a number of seconds above 0"),
        ({"timeout": float("nan")}, "timeout", "timeout is nan, not a number of seconds above 0"),
        ({"timeout": True}, "timeout", "timeout is True, not a number of seconds above 0"),
        ({"deadline": 0}, "deadline", "deadline is 0, not a number of seconds above 0"),
        ({"deadline": float("inf")}, "deadline", "deadline is inf, more than the 86400 seconds of a day"),
        ({"memory": -1}, "memory", "memory is -1, not a number of bytes above 0"),
        ({"memory": 1 << 64}, "memory", "memory is 18446744073709551616, not a number of bytes above 0"),
        ({"memory": 1.5}, "memory", "memory is 1.5, not a number of bytes above 0"),
        ({"argv": "abc"}, "argv", "argv is one str, not a list"),
        ({"argv": ["a", 1]}, "argv[1]", "argv[1] is int, not str"),
        ({"env": {"A=B": "c"}}, "env.A=B", "the name 'A=B' in env has a '='"),
        ({"env": {"A": None}}, "env.A", "env.A is NoneType, not str"),
        ({"stdin": 5}, "stdin", "stdin is int, neither str nor bytes"),
        ({"files": {"/tmp/a": 5}}, 'files["/tmp/a"]', 'files["/tmp/a"] is int, neither str nor bytes'),
        ({"files": {5: ""}}, "files", "files is int, not a path"),
        ({"collect": "/output/*"}, "collect", "collect is one str, not a list"),
        (
            {"mounts": ["/srv"]},
            "mounts[0]",
            "mounts[0] is '/srv', neither a dict nor (host, sandbox) nor (host, sandbox, mode)",
        ),
        ({"mounts": [("/srv", "/input", "w")]}, "mounts[0][2]", "mounts[0][2] is 'w', neither 'ro' nor 'rw'"),
        ({"mounts": {"/input": None}}, "mounts[0].host", "mounts[0].host is NoneType, not a path"),
        ({"mounts": [{"host": "/srv"}]}, "mounts[0].sandbox", "mounts[0].sandbox is NoneType, not a path"),
        ({"mounts": [{"host": "/a", "sandbox": "/b", "rw": True}]}, "mounts[0]", "unknown field of a mount: rw"),
    ]

    def test_bad_values_are_named(self) -> None:
        for fields, place, message in self.CASES:
            arguments: Any = {"code": "pass", **fields}
            with self.subTest(message), self.assertRaises(LeewardError) as caught:
                Request(**arguments)
            self.assertEqual((caught.exception.place, caught.exception.message), (place, message))

    def test_unknown_arguments_are_a_type_error(self) -> None:
        arguments: Any = {"code": "pass", "time_out": 5}
        with self.assertRaises(TypeError):
            Request(**arguments)


class StructTest(unittest.TestCase):
    def test_what_is_left_out_stays_zero(self) -> None:
        struct = Request("pass").struct
        self.assertEqual(struct.size, ctypes.sizeof(struct))
        self.assertEqual((struct.timeout_secs, struct.memory_limit, struct.mount_count), (0, 0, 0))
        self.assertEqual(struct.deadline_ms, 0)
        self.assertIsNone(struct.policy)

    def test_a_deadline_is_rounded_up_to_milliseconds(self) -> None:
        for seconds, milliseconds in [(2, 2000), (0.25, 250), (1e-9, 1), (86400, 86400000)]:
            self.assertEqual(Request("pass", deadline=seconds).struct.deadline_ms, milliseconds)

    def test_code_and_input_keep_their_nul(self) -> None:
        struct = Request("a\0b", stdin=b"\0").struct
        self.assertEqual((struct.code_length, struct.stdin_length), (3, 1))

    def test_files_are_bytes_with_their_length(self) -> None:
        struct = Request("pass", files={"/tmp/a": "olá", "/tmp/b": b"\0"}, collect=["/output/*"]).struct
        files = [(struct.files[i].path, struct.files[i].length) for i in range(struct.file_count)]
        self.assertEqual(files, [(b"/tmp/a", 4), (b"/tmp/b", 1)])
        self.assertEqual([struct.collect[i] for i in range(struct.collect_count)], [b"/output/*"])

    def test_an_empty_input_is_not_no_input(self) -> None:
        self.assertIsNotNone(Request("pass", stdin=b"").struct.stdin_data)
        self.assertIsNone(Request("pass").struct.stdin_data)
