# Waits for the end of a process that need not be a child, and prints its wait status as the kernel keeps it for holders
# of a pidfd (PIDFD_GET_INFO with PIDFD_INFO_EXIT, since Linux 6.15): its bit 0x80 says that a core was dumped, into a
# file or to a handler.
import fcntl
import os
import select
import struct
import sys
import time

GET_INFO = 3 << 30 | 64 << 16 | 0xFF << 8 | 11
INFO_EXIT = 1 << 3

pidfd = os.pidfd_open(int(sys.argv[1]))
try:
    fcntl.ioctl(pidfd, GET_INFO, struct.pack("Q56x", 0))
except OSError as error:
    print(f"unknown {error}", flush=True)
    sys.exit()
print("watches", flush=True)
poll = select.poll()
poll.register(pidfd, select.POLLIN)
poll.poll(20_000)
for _ in range(2000):
    try:
        info = fcntl.ioctl(pidfd, GET_INFO, struct.pack("Q56x", INFO_EXIT))
    except OSError:
        info = bytes(64)  # dead, and not yet reaped
    if struct.unpack_from("Q", info)[0] & INFO_EXIT:
        status = struct.unpack_from("i", info, 60)[0]
        print(f"signal {status & 0x7F} core {status >> 7 & 1}", flush=True)
        sys.exit()
    time.sleep(0.005)
print("no end", flush=True)
