"""Tries what no job may do, and prints the name of the error of each: by a wall that an old Landlock has, or by another one.

`hidden` is mounted but not opened: Landlock alone refuses it. What the newer ABIs bring is refused by mounts and seccomp, too.
"""

import fcntl
import json
import os
import signal
import socket
import termios


def outcome(attempt):
    try:
        attempt()
    except OSError as error:
        return type(error).__name__
    return "allowed"


def open_device():
    os.mknod("/tmp/device", 0o600 | 0o060000, os.makedev(8, 0))


try:
    # The kernel keeps a namespace's init from signals of its own: were it not so, this job would end with it.
    os.kill(1, signal.SIGKILL)
except PermissionError:
    pass

attempts = {
    "hidden": lambda: os.listdir("/hidden"),
    "host file": lambda: open("/etc/shadow"),
    "write": lambda: open("/usr/leeward-check", "w"),
    "refer": lambda: os.link("/usr/bin/env", "/tmp/env"),
    "truncate": lambda: os.truncate("/usr/bin/env", 0),
    "connect_tcp": lambda: socket.socket(socket.AF_INET).connect(("127.0.0.1", 1)),
    "ioctl_dev": lambda: fcntl.ioctl(os.open("/dev/null", os.O_RDONLY), termios.TIOCSTI, b"x"),
    "abstract_unix_socket": lambda: socket.socket(socket.AF_UNIX).connect("\0leeward-check"),
    "device": open_device,
}
print(json.dumps({name: outcome(attempt) for name, attempt in attempts.items()}))
