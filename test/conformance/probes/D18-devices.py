import errno
import os
import stat

LISTED = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9)}
OTHERS = """kmsg mem kmem port kvm fuse vsock vhost-vsock vhost-net userfaultfd net/tun loop-control loop0 sda vda nvme0
nvme0n1 dm-0 mapper mapper/control dri input snapshot console tty tty0 tty1 ttyS0 ptmx pts pts/0 hpet rtc0 watchdog
cpu_dma_latency mcelog autofs btrfs-control uhid uinput hwrng rfkill vfio vfio/vfio udmabuf dma_heap ppp mqueue hugepages
nvram tpm0 tpmrm0 sgx_enclave ecryptfs vcs vcsa core log initctl cuse nbd0 ram0 sr0 sg0 bus cpu disk block char""".split()


def found(things):
    if not things:
        raise OSError(errno.ENOENT, "nothing")
    return things


def others():
    return found([name for name in OTHERS if os.path.lexists(f"/dev/{name}")])


def opened():
    names = []
    for name in OTHERS:
        try:
            os.close(os.open(f"/dev/{name}", os.O_PATH))
            names.append(name)
        except OSError:
            pass
    return found(names)


def wrong():
    """The listed ones are what they say, and no links."""
    listed = dict(LISTED) if SANDBOXED else {**LISTED, "fd": (1, 3)}
    return found([name for name, numbers in listed.items() if not is_device(f"/dev/{name}", numbers)])


def is_device(path, numbers):
    was = os.lstat(path)
    return stat.S_ISCHR(was.st_mode) and (os.major(was.st_rdev), os.minor(was.st_rdev)) == numbers


def mounted():
    targets = [line.split()[4] for line in open("/proc/self/mountinfo")]
    if not SANDBOXED:
        targets.append("/dev")  # a container's host may have none
    return found([t for t in targets if t.startswith("/dev") and t[5:] not in [*LISTED, "shm"]])


attempt("others by name", others)
attempt("others opened as paths", opened)
attempt("listed ones that are something else", wrong)
attempt("mounts beneath dev", mounted)
