"""Checks results on the host, with the same libraries that the job had. Run by the Python of the runtime.

Reads lines of JSON from standard input: {"input": what the job saw as /input, "output": as /output, "stdout": text, "check": Python}.
The check runs in the output directory, with `INPUT` and `stdout` defined. Answers each with one line: null, or the traceback of what the check raised.
"""
import json
import os
import sys
import traceback

for line in sys.stdin:
    question = json.loads(line)
    os.chdir(question['output'])
    answer = None
    try:
        exec(compile(question['check'], '<check>', 'exec'), {'INPUT': question['input'], 'stdout': question['stdout']})
    except BaseException:
        answer = traceback.format_exc()
    print(json.dumps(answer), flush=True)
