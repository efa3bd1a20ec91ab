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
    return before, state()


# Once for all three: what changed stays changed.
before, after = change()
changed = {name: (before[name], after[name]) for name in before if before[name] != after[name]}


def unchanged(*names):
    found = {name: changed[name] for name in names if name in changed}
    if found:
        return found
    raise Held(f"unchanged: {[after[name] for name in names]}")


def no_new_privs():
    if after["NoNewPrivs"] != "1":
        return after
    return unchanged("NoNewPrivs")


def filter_is_there():
    if after["Seccomp"] != "2":
        return after
    return unchanged("Seccomp", "Seccomp_filters")


attempt("no_new_privs", no_new_privs)
attempt("filter", filter_is_there)
attempt("capability sets", lambda: unchanged(*[name for name in LINES if name.startswith("Cap")]))
