"""Mounts file systems of which nobody ever answers all (FUSE), then becomes a command.

Arguments: `MODE=DIRECTORY` for each mount, `--`, and the command. A mode says what is never answered:

    look    everything but the mount itself: whoever looks at it waits
    create  making a directory; there is none yet
    inside  everything beneath; the mount itself can be opened

The caller has a mount namespace of its own, which the mounts end with; the server ends with the command.
"""

import ctypes
import os
import signal
import stat
import struct
import sys

LOOKUP, FORGET, GETATTR, MKDIR, STATFS, OPEN, INIT, OPENDIR, INTERRUPT, BATCH_FORGET = 1, 2, 3, 9, 17, 14, 26, 27, 36, 42
ANSWERED = {
    "look": {INIT},
    "create": {INIT, GETATTR, LOOKUP, STATFS},
    "inside": {INIT, GETATTR, STATFS},
}
SILENT = {FORGET, INTERRUPT, BATCH_FORGET}
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None, use_errno=True)

split = sys.argv.index("--")
mounts, command = [argument.split("=", 1) for argument in sys.argv[1:split]], sys.argv[split + 1 :]


def attributes():
    """struct fuse_attr_out of the root, not to be kept: a directory for everybody."""
    attr = struct.pack("<6Q10I", 1, 0, 0, 0, 0, 0, 0, 0, 0, stat.S_IFDIR | 0o777, 2, 0, 0, 0, 4096, 0)
    return struct.pack("<QII", 0, 0, 0) + attr


def answer(opcode, body):
    """The errno and the body of an answer."""
    if opcode == INIT:
        _, minor, readahead, _ = struct.unpack_from("<4I", body)
        return 0, struct.pack("<4I2H2I2H8I", 7, min(minor, 31), readahead, 0, 0, 0, 4096, 1, 0, 0, *[0] * 8)
    if opcode == GETATTR:
        return 0, attributes()
    if opcode == STATFS:
        return 0, struct.pack("<5Q4I6I", 0, 0, 0, 0, 0, 4096, 255, 4096, 0, *[0] * 6)
    return 2, b""  # ENOENT


def serve(device, answered):
    while True:
        request = os.read(device, 1 << 18)
        _, opcode, unique = struct.unpack_from("<IIQ", request)
        if opcode in SILENT or opcode not in answered:
            continue
        errno, body = answer(opcode, request[40:])
        os.write(device, struct.pack("<IiQ", 16 + len(body), -errno, unique) + body)


def mount(mode, directory):
    device = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={device},rootmode=40777,user_id=0,group_id=0,default_permissions,allow_other"
    if libc.mount(b"stalled", directory.encode(), b"fuse", 6, options.encode()) < 0:
        sys.exit(f"{directory}: {os.strerror(ctypes.get_errno())}")
    if os.fork() == 0:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        serve(device, ANSWERED[mode])
    os.close(device)


for mode, directory in mounts:
    mount(mode, directory)
os.execvp(command[0], command)
