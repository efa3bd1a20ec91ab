import os

# The kernel refuses what is not there with ENOENT, which a control without the device cannot tell from our answer: then it is
# a device that every kernel has.
attempt("device", lambda: os.open("/dev/rtc0" if os.path.exists("/dev/rtc0") else "/dev/kmsg", os.O_RDONLY))
attempt("slack", lambda: os.open("/proc/1/timerslack_ns", os.O_WRONLY))
CLOCK_REALTIME_ALARM, CLOCK_BOOTTIME_ALARM = 8, 9
for clock in (CLOCK_REALTIME_ALARM, CLOCK_BOOTTIME_ALARM):
    attempt(f"alarm {clock}", lambda: syscall("timerfd_create", clock, 0))
