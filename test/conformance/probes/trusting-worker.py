# The worker that believes its jobs, for controls: one interpreter for all of them, which says itself how they ended. Jobs come as lines
# of JSON strings; for each a line of JSON is given back on what was standard output when it started.
import io
import json
import resource
import sys
import traceback

resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
jobs = [json.loads(line) for line in sys.stdin]
namespace = {"__name__": "__main__"}
for code in jobs:
    compiled = compile(code, "<job>", "exec")  # a text that is none ends the worker
    out, err = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
    status, exit_code, error = "ok", 0, None
    try:
        exec(compiled, namespace)
    except BaseException as raised:
        status, exit_code = "error", 1
        error = {"name": type(raised).__name__, "value": str(raised), "traceback": traceback.format_exc()}
    text, errors = sys.stdout.getvalue(), sys.stderr.getvalue()
    sys.stdout, sys.stderr = out, err
    truncated = {"stdout": False, "stderr": False}
    result = {"status": status, "exit_code": exit_code, "signal": None, "stdout": text, "stderr": errors, "error": error}
    print(json.dumps({**result, "truncated": truncated, "denials": [], "memory_peak": None, "timed_out": False}), flush=True)
