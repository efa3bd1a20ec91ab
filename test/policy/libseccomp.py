"""Makes filters with libseccomp, for tests that compare them with Leeward's: one JSON line in, one JSON line out.

In: {"arch", "default", "optimize", "rules": [[action, name, number, [[argument, comparison, first, second], ...]], ...]}; actions
are RET values, which are libseccomp's numbers of its actions, too, and numbers of 64 bits are written as text.
Out: {"filter": BPF in base64, "unknown": [names of calls that libseccomp cannot say on this architecture]}.
A line {"arch", "names"} is answered with libseccomp's numbers of these system calls, -1 for those that it does not know.
What goes wrong is answered with {"error": text}.
"""
import base64
import json
import os
import sys

import seccomp

ARCHES = {'x86_64': seccomp.Arch.X86_64, 'arm64': seccomp.Arch.AARCH64}


def bytecode(made):
    file = os.fdopen(os.memfd_create('filter'), 'r+b')
    made.export_bpf(file)
    file.seek(0)
    with file:
        return base64.b64encode(file.read()).decode()


def signed(action):
    """As the binding takes it: a C int."""
    return action - (1 << 32) if action >= 1 << 31 else action


def argument(index, comparison, first, second):
    return seccomp.Arg(index, getattr(seccomp, comparison), int(first), int(second))


def filter_of(arch, default, optimize, rules):
    made = seccomp.SyscallFilter(signed(default))
    is_native = made.exist_arch(arch)
    if not is_native:
        made.add_arch(arch)
        made.remove_arch(seccomp.Arch.NATIVE)
    made.set_attr(seccomp.Attr.ACT_BADARCH, seccomp.KILL_PROCESS)
    made.set_attr(seccomp.Attr.CTL_OPTIMIZE, optimize)
    unknown = set()
    for action, name, number, conditions in rules:
        # By name, so that libseccomp's numbers meet ours. A number is taken as the machine's own.
        is_known = seccomp.resolve_syscall(arch, name) != -1
        if is_known or is_native:
            made.add_rule(signed(action), name if is_known else number, *(argument(*condition) for condition in conditions))
        else:
            unknown.add(name)
    return {'filter': bytecode(made), 'unknown': sorted(unknown)}


# Whatever the kernel here supports: nothing is loaded.
seccomp.set_api(6)
for line in sys.stdin:
    request = json.loads(line)
    arch = ARCHES[request['arch']]
    try:
        if 'names' in request:
            answer = [seccomp.resolve_syscall(arch, name) for name in request['names']]
        else:
            answer = filter_of(arch, request['default'], request['optimize'], request['rules'])
    except Exception as error:
        answer = {'error': f'{type(error).__name__}: {error}'}
    print(json.dumps(answer), flush=True)
