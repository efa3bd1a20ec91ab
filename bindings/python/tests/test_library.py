import ctypes
import json
import os
import pickle
import subprocess
import sys
import unittest
from pathlib import Path
from typing import Any

import leeward
from leeward import library

HEADER = Path(__file__).resolve().parents[3] / "native" / "client" / "leeward.h"


class LibraryTest(unittest.TestCase):
    def test_the_environment_is_the_only_candidate(self) -> None:
        os.environ["LEEWARD_LIBRARY"] = "/srv/libleeward.so"
        self.addCleanup(os.environ.pop, "LEEWARD_LIBRARY")
        self.assertEqual(library.candidates(), ["/srv/libleeward.so"])

    def test_a_missing_library_says_what_to_do(self) -> None:
        script = "import leeward\ntry: leeward.Client()\nexcept leeward.LeewardError as error: print(error)"
        env = {
            **os.environ,
            "LEEWARD_LIBRARY": "/nonexistent/libleeward.so",
            "PYTHONPATH": str(Path(__file__).parents[1]),
        }
        output = subprocess.run(
            [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True
        ).stdout
        self.assertIn("LW_NATIVE_NOT_BUILT: libleeward.so cannot be loaded: /nonexistent/libleeward.so", output)
        self.assertIn("npm run build", output)

    def test_versions_are_one(self) -> None:
        root = Path(__file__).resolve().parents[3]
        version = json.loads((root / "package.json").read_text())["version"]
        self.assertEqual(library.load().leeward_version().decode(), version)
        self.assertEqual(leeward.__version__, version)
        self.assertIn(f'version = "{version}"\n', (root / "bindings/python/pyproject.toml").read_text())

    def test_structs_are_those_of_the_header(self) -> None:
        # The compiler's word: sizes and offsets of the C structs.
        fields = [
            (struct, name) for struct in ("Error", "File", "Mount", "Request") for name, *_ in self.struct(struct)._fields_
        ]
        lines = [f'printf("%zu\\n", offsetof(leeward_{struct.lower()}, {name}));' for struct, name in fields]
        lines += [f'printf("%zu\\n", sizeof(leeward_{struct}));' for struct in ("error", "file", "mount", "request")]
        source = f'#include <stdio.h>\n#include "{HEADER}"\nint main(void) {{ {" ".join(lines)} }}\n'
        program = Path(os.environ.get("TMPDIR", "/tmp")) / f"leeward-offsets-{os.getpid()}"
        self.addCleanup(program.unlink)
        subprocess.run(["gcc", "-x", "c", "-", "-o", str(program)], input=source, text=True, check=True)
        numbers = list(map(int, subprocess.run([program], capture_output=True, text=True, check=True).stdout.split()))
        expected = [getattr(self.struct(struct), name).offset for struct, name in fields]
        expected += [ctypes.sizeof(self.struct(struct)) for struct in ("Error", "File", "Mount", "Request")]
        self.assertEqual(numbers, expected)

    @staticmethod
    def struct(name: str) -> Any:
        return getattr(library, f"{name}Struct")

    def test_errors_can_be_pickled(self) -> None:
        error = leeward.LeewardError("LW_DAEMON_BUSY", "busy", True, "a", "b")
        copy = pickle.loads(pickle.dumps(error))
        self.assertEqual((copy.code, copy.retryable, str(copy)), ("LW_DAEMON_BUSY", True, str(error)))
