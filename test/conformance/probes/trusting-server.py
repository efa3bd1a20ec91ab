# The server that believes its clients, for controls: requests come as lines of JSON, and each is carried out with
# whatever it has. Argument: a directory for the directories of jobs.
import json
import os
import subprocess
import sys

base = sys.argv[1]


def carried_out(request):
    if "job_id" in request or "params" in request:
        job = request.get("job_id", request.get("params", {}).get("id"))
        os.makedirs(f"{base}/{job}/input", exist_ok=True)
    interpreter = [request.get("interpreter", sys.executable), *request.get("options", ())]
    environment = {**os.environ, **request.get("env", {})}
    ended = subprocess.run([*interpreter, "-c", request["code"]], env=environment, capture_output=True, text=True)
    status = "ok" if ended.returncode == 0 else "error"
    return {"success": status == "ok", "result": {"status": status, "stdout": ended.stdout, "stderr": ended.stderr[-200:]}}


for line in sys.stdin:
    try:
        answer = carried_out(json.loads(line))
    except (OSError, ValueError) as error:
        answer = {"success": False, "error": {"code": type(error).__name__, "message": str(error)[:200]}}
    print(json.dumps(answer), flush=True)
