# Strangers in a PID namespace whose numbers run out: some wait, many come and go, so that each number is soon
# another's. MODE "watch" looks until standard input ends whether anybody has ended one that waits; "naive" is somebody
# who remembers a number too long.
import json
import os
import select
import signal
import sys

WAITING, PASSING = 40, 30


def stranger():
    pid = os.fork()
    if pid == 0:
        signal.pause()
        os._exit(0)
    return pid


def passer_by():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return pid


def watch():
    waiting, killed, turns, last = [stranger() for _ in range(WAITING)], [], 0, 0
    print("watches", flush=True)
    while not select.select([sys.stdin], [], [], 0.002)[0]:
        for pid in list(waiting):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                killed.append([pid, status])
                waiting.remove(pid)
        # The oldest goes by our own word, and a new one gets whatever number is free.
        oldest = waiting.pop(0)
        os.kill(oldest, signal.SIGKILL)
        os.waitpid(oldest, 0)
        waiting.append(stranger())
        for _ in range(PASSING):
            pid = passer_by()
            turns += pid < last
            last = pid
    for pid in waiting:
        os.kill(pid, signal.SIGKILL)
    print(json.dumps({"killed": killed, "turns": turns}), flush=True)


def naive():
    # The first three hundred are given once and never again (RESERVED_PIDS).
    remembered, killed = 0, []
    while remembered <= 300:
        remembered = passer_by()
    for _ in range(10_000):
        pid = stranger()
        if pid == remembered:
            os.kill(remembered, signal.SIGTERM)
            killed.append([pid, os.waitpid(pid, 0)[1]])
            break
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    print(json.dumps({"killed": killed, "turns": 1}), flush=True)


watch() if MODE == "watch" else naive()
