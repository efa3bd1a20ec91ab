"""Sends the founding job to a running daemon, reads what it wrote from the host path, and shows what held it.

    client.py INPUT OUTPUT [--allow-path DIR]

Needs pandas and pyarrow on this side too, to read the Parquet file, and the folder bindings/python on PYTHONPATH.
"""

import argparse
import pathlib
import time

import pandas as pd

import leeward

CODE = (pathlib.Path(__file__).parent / "job.py").read_text()
GIB = 1024**3


def main() -> None:
    parser = argparse.ArgumentParser(description="Sends the founding job to a running daemon.")
    parser.add_argument("input", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--allow-path", type=pathlib.Path, action="append", default=[])
    options = parser.parse_args()
    mounts = {"/input": options.input, "/output": (options.output, "rw")}

    print(f"\n{CODE}")
    # The first job waits for the interpreter of its policy to start; the second shows what every later one costs.
    for name in ("first job", "second job"):
        started = time.perf_counter()
        with leeward.Client() as client:
            result = client.execute(
                CODE, mounts=mounts, policy="python-data", timeout=300, memory=4 * GIB, allow_paths=options.allow_path
            )
        wall = time.perf_counter() - started
        check(result)
        show_timing(name, result, wall)

    print(f"\n{options.output / 'result.parquet'}, read on the host:")
    print(pd.read_parquet(options.output / "result.parquet").to_string())
    show_receipt(result)


def check(result: leeward.Result) -> None:
    if result.status == "ok":
        return
    print(result.stderr)
    reason = result.failure.message if result.failure else f"exit code {result.exit_code}"
    raise SystemExit(f"the job ended {result.status}: {reason}")


def show_timing(name: str, result: leeward.Result, wall: float) -> None:
    """The daemon's own times, and beside them what this client waited for: connect, send, run, answer."""
    parts = {
        "pool_us": "interpreter starts",
        "queue_us": "waits for a free sandbox",
        "attach_us": "mounts",
        "run_us": "user code",
        "teardown_us": "tear-down",
    }
    times = {label: result.timing[key] or 0 for key, label in parts.items()}
    total = result.timing["total_us"]
    times["the rest: policy, admission"] = total - sum(times.values())
    times["in the daemon, all of it"] = total
    times["through the socket, wall"] = wall * 1e6
    print(f"{name}:")
    for label, microseconds in times.items():
        print(f"  {label:<28}{microseconds / 1000:10.2f} ms")


def show_receipt(result: leeward.Result) -> None:
    """What was enforced, as the sandbox's own steps reported it."""
    enforced = result.enforced
    user = enforced["user"]
    landlock = enforced["landlock"]
    flags = ("capabilities_empty", "no_new_privs", "not_dumpable", "id_mapped_mounts")
    rows = [
        ("policy", f"{enforced['policy']['name']} {enforced['policy']['digest'][:19]}, {enforced['mode']}"),
        ("seccomp", f"{enforced['seccomp']['mode']}, {enforced['seccomp']['instructions']} instructions"),
        ("landlock", f"ABI {landlock['abi']}, {landlock['status']} enforced"),
        ("namespaces", ", ".join(enforced["namespaces"])),
        ("limits", limits_text(enforced["cgroup"])),
        ("not enforced", ", ".join(enforced["cgroup"]["not_enforced"]) or "nothing"),
        ("identity", f"uid {user['inside_uid']} inside is {user['outside_uid']} outside"),
        ("besides", ", ".join(flag.replace("_", " ") for flag in flags if enforced[flag])),
        ("used", used_text(result)),
        ("denied", ", ".join(f"{d['syscall']} {d['count']}" for d in result.denials) or "nothing"),
    ]
    print("\nwhat was enforced:")
    for label, text in rows:
        print(f"  {label:<14}{text}")


def limits_text(cgroup: dict) -> str:
    if cgroup["version"] == 0:
        return "no control group is this user's"
    limits = cgroup["limits"]
    memory = "no limit" if limits["memory"] is None else f"{limits['memory'] / GIB:g} GiB"
    quota, period = limits["cpu_quota_us"], limits["cpu_period_us"]
    cpus = "no limit" if quota is None else f"{quota / period:g}"
    return f"cgroup v{cgroup['version']}: memory {memory}, processes {limits['pids']}, processors {cpus}"


def used_text(result: leeward.Result) -> str:
    if result.memory_peak is None or result.cpu_time_us is None:
        return "not known without a control group"
    return f"{result.memory_peak / 2**20:.0f} MiB at most, {result.cpu_time_us / 1000:.0f} ms of processor time"


main()
