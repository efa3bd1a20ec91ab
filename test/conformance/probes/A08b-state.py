# Everything that could change the state is tried; then the kernel is asked for it.
LINES = ("NoNewPrivs", "Seccomp", "Seccomp_filters", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")


def state():
    with open("/proc/self/status") as status:
        return {line.split(":")[0]: line.split()[1] for line in status if line.split(":")[0] in LINES}


def change():
    before = state()
    tries = [(PR_SET_NO_NEW_PRIVS, 1), (PR_SET_NO_NEW_PRIVS, 0), (PR_SET_SECCOMP, 0), (PR_SET_KEEPCAPS, 1)]
    tries += [(PR_CAPBSET_DROP, capability) for capability in range(41)]
    tries += [(PR_CAP_AMBIENT, 4)]
    for option, value in tries:
        try:
            syscall("prctl", option, value, 0, 0, 0)
        except OSError:
            pass
    after = state()
    if before != after:
        return {name: (before[name], after[name]) for name in before if before[name] != after[name]}
    if after["NoNewPrivs"] != "1" or after["Seccomp"] != "2":
        return after
    raise Held(f"unchanged: {after}")


attempt("state", change)
