import os
import signal
import threading
import unittest
from pathlib import Path
from typing import Any, List

import leeward

from .peer import Peer, frame, vector

RESULT = {
    "exit_code": 1,
    "stdout": "olá",
    "stderr": b"\xff\x00",
    "duration_ms": 12,
    "memory_peak": None,
    "cpu_time_us": 34,
    "timed_out": False,
    "oom_killed": False,
    "status": "error",
    "signal": None,
    "truncated": {"stdout": False, "stderr": True},
    "error": {"name": "ValueError", "value": "no", "traceback": "Traceback ..."},
    "denials": [{"syscall": "socket", "nr": 41, "args": [2, -1, "0xffffffffffffffff"], "count": 1, "rule": None}],
    "policy": {"name": "python", "generation": 1, "digest": "sha256:00"},
    "enforced": {"landlock": {"abi": 7}},
    "timing": {"run_us": 1.5},
    "files": {"/output/a.b": b"\x00\xff", "/output/empty": b""},
    "not_collected": [{"path": "/output/link", "reason": "symlink"}],
}


class ExecuteTest(unittest.TestCase):
    def test_the_founding_request_is_the_founding_bytes(self) -> None:
        code = (
            "df = pd.read_excel('/input/vendas.xlsx'); "
            "df.groupby('region').sum(numeric_only=True).to_parquet('/output/result.parquet')"
        )
        forms = [
            [
                {"host": "/data/jobs/abc/input", "sandbox": "/input", "ro": True},
                {"host": "/data/jobs/abc/output", "sandbox": "/output", "ro": False},
            ],
            [("/data/jobs/abc/input", "/input"), (Path("/data/jobs/abc/output"), "/output", "rw")],
            {"/input": "/data/jobs/abc/input", "/output": ("/data/jobs/abc/output", "rw")},
        ]
        with Peer(vector("answers.json", "output that is not text")) as peer, leeward.Client(peer.path) as client:
            for mounts in forms:
                client.execute(code, mounts=mounts, timeout=300, memory=4 << 30)
        self.assertEqual(peer.requests, [vector("requests.json", "founding")] * len(forms))

    def test_every_field_of_a_result_arrives(self) -> None:
        answer = {"type": "Execute", "id": None, "success": True, "result": RESULT, "job": "1kw74zh0a7f3"}
        with Peer(frame(answer)) as peer:
            result = leeward.run_code("raise ValueError('no')", socket=peer.path)
        self.assertTrue(result.success)
        self.assertEqual(result.job, "1kw74zh0a7f3")
        self.assertEqual((result.status, result.exit_code, result.signal), ("error", 1, None))
        self.assertEqual((result.stdout, result.stderr), ("olá", b"\xff\x00"))
        self.assertEqual((result.duration_ms, result.memory_peak, result.cpu_time_us), (12, None, 34))
        self.assertEqual((result.timed_out, result.oom_killed), (False, False))
        self.assertEqual(result.truncated, RESULT["truncated"])
        self.assertEqual(result.error, leeward.JobError("ValueError", "no", "Traceback ..."))
        self.assertIsNone(result.failure)
        self.assertEqual(result.denials, RESULT["denials"])
        self.assertEqual((result.policy, result.enforced), (RESULT["policy"], RESULT["enforced"]))
        self.assertEqual(result.timing, RESULT["timing"])
        self.assertEqual((result.files, result.not_collected), (RESULT["files"], RESULT["not_collected"]))

    def test_an_answer_that_was_remembered_says_so(self) -> None:
        answer = {"type": "Execute", "id": None, "success": True, "result": RESULT}
        with Peer(frame({**answer, "replayed": True})) as peer, leeward.Client(peer.path) as client:
            self.assertTrue(client.execute("pass", deadline=2, idempotency_key="report:2026-07").replayed)
            peer.answer = frame(answer)
            later = client.execute("pass")
            self.assertEqual((later.replayed, later.job), (False, None))
        (first, second) = peer.requests
        for field in (b"deadline_ms\xcd\x07\xd0", b"idempotency_key\xaereport:2026-07"):
            self.assertIn(field, first)
            self.assertNotIn(field, second)

    def test_a_stopped_job_is_a_result_with_its_reason(self) -> None:
        error = {"code": "LW_JOB_TIMED_OUT", "message": "ran longer than 1 s", "retryable": False}
        stopped = {**RESULT, "status": "timed_out", "timed_out": True, "exit_code": None, "error": None}
        with Peer(frame({"type": "Execute", "id": None, "success": False, "result": stopped, "error": error})) as peer:
            result = leeward.run_code("while True: pass", timeout=1, socket=peer.path)
        self.assertFalse(result.success)
        self.assertTrue(result.timed_out)
        self.assertEqual(result.failure, leeward.Failure("LW_JOB_TIMED_OUT", "ran longer than 1 s", False))

    def test_a_refusal_is_raised_with_its_place(self) -> None:
        with Peer(vector("answers.json", "refused")) as peer, self.assertRaises(leeward.LeewardError) as caught:
            leeward.run_code("pass", timeout=7200, socket=peer.path)
        error = caught.exception
        self.assertEqual(error.code, "LW_REQUEST_LIMIT_ABOVE_MAX")
        self.assertEqual(error.place, "python-data.yaml:31:12")
        self.assertFalse(error.retryable)
        self.assertEqual(
            str(error),
            "LW_REQUEST_LIMIT_ABOVE_MAX: timeout_secs is 7200, above the maximum of 3600 "
            "(python-data.yaml:31:12); ask for less",
        )

    def test_ping(self) -> None:
        with Peer(vector("answers.json", "ping")) as peer, leeward.Client(peer.path) as client:
            self.assertEqual(client.ping()["version"], "0.1.0")

    def test_threads_share_a_client(self) -> None:
        answer = frame({"type": "Execute", "id": None, "success": True, "result": RESULT})
        outcomes: List[Any] = []
        with Peer(answer) as peer, leeward.Client(peer.path) as client:

            def work() -> None:
                outcomes.extend(client.execute("pass").stdout for _ in range(25))

            threads = [threading.Thread(target=work) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual(outcomes, ["olá"] * 100)


class EndTest(unittest.TestCase):
    def setUp(self) -> None:
        # A background job of a shell ignores SIGINT, and so does what it starts: Ctrl-C would then never come.
        former = signal.signal(signal.SIGINT, signal.default_int_handler)
        self.addCleanup(signal.signal, signal.SIGINT, former)

    def test_ctrl_c_ends_the_wait_and_the_connection(self) -> None:
        with Peer(None) as peer, leeward.Client(peer.path) as client:
            timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
            timer.start()
            with self.assertRaises(KeyboardInterrupt):
                client.execute("while True: pass")
            self.assertTrue(peer.hung_up.wait(5))
            with self.assertRaises(leeward.LeewardError) as caught:
                client.execute("pass")
            self.assertEqual(caught.exception.code, "LW_DAEMON_UNREACHABLE")

    def test_a_signal_with_a_handler_does_not_end_the_wait(self) -> None:
        seen = []
        former = signal.signal(signal.SIGUSR1, lambda *_: seen.append(1))
        self.addCleanup(signal.signal, signal.SIGUSR1, former)
        with Peer(None) as peer, leeward.Client(peer.path) as client:
            timers = [
                threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGUSR1)),
                threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)),
            ]
            for timer in timers:
                timer.start()
            with self.assertRaises(KeyboardInterrupt):
                client.execute("pass")
        self.assertEqual(seen, [1])

    def test_no_daemon(self) -> None:
        with self.assertRaises(leeward.LeewardError) as caught:
            leeward.run_code("pass", socket="/nonexistent/leeward.sock")
        self.assertEqual(caught.exception.code, "LW_DAEMON_UNREACHABLE")
        self.assertTrue(caught.exception.retryable)
        self.assertIn("/nonexistent/leeward.sock", caught.exception.message)

    def test_a_closed_client(self) -> None:
        with Peer(None) as peer:
            client = leeward.Client(peer.path)
            client.close()
            client.close()
            with self.assertRaises(leeward.LeewardError):
                client.ping()

    def test_the_socket_comes_from_the_environment(self) -> None:
        with Peer(vector("answers.json", "ping")) as peer:
            os.environ["LEEWARD_SOCKET"] = peer.path
            self.addCleanup(os.environ.pop, "LEEWARD_SOCKET")
            with leeward.Client() as client:
                self.assertEqual(client.ping()["pid"], 4711)


if __name__ == "__main__":
    unittest.main()
