# ENOENT: nothing is found that differs from the policy or the kernel's default. The control makes every attribute an odd one for
# itself first, which shows that it would be found.
import errno
import os
import signal

# What Python itself ignores.
OF_PYTHON = {signal.SIGPIPE, signal.SIGXFSZ}

if not SANDBOXED:
    os.umask(0o000)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    signal.signal(signal.SIGUSR2, signal.SIG_IGN)
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    os.nice(3)
    with open("/proc/self/timerslack_ns", "w") as slack:
        slack.write("1000000")
    with open("/proc/self/oom_score_adj", "w") as score:
        score.write("900")
    with open("/proc/self/coredump_filter", "w") as dump:
        dump.write("0x7f")


def pending():
    # A child inherits none, so the control's is raised here.
    if not SANDBOXED:
        signal.raise_signal(signal.SIGUSR1)
    found = signals("SigPnd") | signals("ShdPnd")
    return differs(found != set(), found)


def real_time():
    if not SANDBOXED:
        become_real_time()
    return differs(of_stat(40) != 0, of_stat(40))


def become_real_time():
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        # With CONFIG_RT_GROUP_SCHED only the root group of cgroup v2 may have it.
        with open("/sys/fs/cgroup/cgroup.procs", "w") as group:
            group.write("0")
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))


def differs(is_odd, value):
    if is_odd:
        return value
    raise OSError(errno.ENOENT, "nothing inherited")


def status(name):
    with open("/proc/self/status") as lines:
        [line] = [line for line in lines if line.startswith(name + ":")]
    return line.split()[1]


def signals(name):
    mask = int(status(name), 16)
    return {number for number in range(1, 65) if mask >> (number - 1) & 1}


def of_stat(field):
    with open("/proc/self/stat") as stat:
        return int(stat.read().rsplit(")", 1)[1].split()[field - 3])


def umask():
    mask = int(status("Umask"), 8)
    return differs(mask != 0o022, oct(mask))


attempt("umask", umask)
attempt("blocked signals", lambda: differs(signals("SigBlk") != set(), signals("SigBlk")))
attempt("ignored signals", lambda: differs(signals("SigIgn") - OF_PYTHON != set(), signals("SigIgn")))
attempt("pending signals", pending)
attempt("nice", lambda: differs(of_stat(19) != 0, of_stat(19)))
attempt("scheduler", lambda: differs(os.sched_getscheduler(0) != os.SCHED_OTHER, os.sched_getscheduler(0)))
attempt("real-time priority", real_time)
attempt("dump filter", lambda: differs(int(open("/proc/self/coredump_filter").read(), 16) & ~0x33, "more is dumped"))
