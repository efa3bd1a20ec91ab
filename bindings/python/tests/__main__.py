"""Runs all tests and prints one line each, as native/test/run.sh counts them: ok, not ok, skip."""

import sys
import unittest
from pathlib import Path
from typing import Any


class _Lines(unittest.TestResult):
    def addSuccess(self, test: unittest.TestCase) -> None:
        print(f"ok {test.id()}", flush=True)

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        super().addSkip(test, reason)
        print(f"skip {test.id()}: {reason}", flush=True)

    def addError(self, test: unittest.TestCase, err: Any) -> None:
        super().addError(test, err)
        self._fail(test, self.errors[-1][1])

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:
        super().addFailure(test, err)
        self._fail(test, self.failures[-1][1])

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: Any) -> None:
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._fail(subtest, (self.errors + self.failures)[-1][1])

    @staticmethod
    def _fail(test: unittest.TestCase, traceback: str) -> None:
        print(traceback)
        print(f"not ok {test.id()}: {traceback.strip().splitlines()[-1]}", flush=True)


folder = Path(__file__).resolve().parent
suite = unittest.defaultTestLoader.discover(str(folder), top_level_dir=str(folder.parent))
result = _Lines()
suite.run(result)
sys.exit(0 if result.wasSuccessful() else 1)
