"""A warm interpreter behind a pipe: what sandboxed jobs are measured against.

Arguments: `fork` (each request in a forked child, nothing else between it and the host) or `reuse` (each request in this very
process), and a set-up that is run once. Requests come on standard input, answers go to standard output; both are a 4-byte
big-endian length and that many bytes: source text, and what it printed.
"""

import contextlib
import gc
import io
import os
import struct
import sys

mode, setup = sys.argv[1:]
names = {"__name__": "__main__"}
with contextlib.redirect_stdout(io.StringIO()):
    exec(setup, names)
gc.collect()
gc.freeze()


def read_exactly(count):
    data = b""
    while len(data) < count:
        piece = os.read(0, count - len(data))
        if not piece:
            sys.exit()
        data += piece
    return data


def answer(code):
    output = io.StringIO()
    sys.stdout = output
    exec(compile(code, "<job>", "exec"), dict(names))
    data = output.getvalue().encode()
    os.write(1, struct.pack(">I", len(data)) + data)


while True:
    (length,) = struct.unpack(">I", read_exactly(4))
    code = read_exactly(length).decode()
    if mode == "reuse":
        answer(code)
        continue
    child = os.fork()
    if child == 0:
        answer(code)
        os._exit(0)
    os.waitpid(child, 0)
