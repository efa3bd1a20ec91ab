"""First process of a test's PID namespace: starts the daemon, reaps what is orphaned, and outlives the daemon.

The daemon must not be the namespace's init itself: its death would then end everything, and no test could see
whether Leeward cleans up by its own means.

Arguments: control groups to join, `--`, and the daemon's command.
"""

import ctypes
import os
import signal
import sys

PR_SET_CHILD_SUBREAPER = 36

split = sys.argv.index("--")
groups, command = sys.argv[1:split], sys.argv[split + 1 :]

for group in groups:
    with open(os.path.join(group, "cgroup.procs"), "w") as procs:
        procs.write("0")

# Outside of a PID namespace of its own, orphans come here all the same.
ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

daemon = os.fork()
if daemon == 0:
    os.execvp(command[0], command)

while True:
    try:
        pid, status = os.wait()
    except ChildProcessError:
        signal.pause()  # nobody is left who could be reaped
    else:
        if pid == daemon:
            print(f"init: daemon ended: {os.waitstatus_to_exitcode(status)}", file=sys.stderr, flush=True)
