# Opened as a path: no driver is asked, also not in the control, which makes the device where its host has none.
import os
import stat
import tempfile

DEVICES = {
    "CVE-2021-22543 kvm": ("kvm", 10, 232),
    "CVE-2023-0386 fuse": ("fuse", 10, 229),
    "CVE-2019-14835 vhost-net": ("vhost-net", 10, 238),
    "CVE-2018-18397 userfaultfd": ("userfaultfd", 10, 126),
    "CVE-2014-0196 CVE-2023-6546 ptmx": ("ptmx", 5, 2),
    "CVE-2017-2636 tty": ("tty", 5, 0),
    "CVE-2020-8648 tty0": ("tty0", 4, 0),
    "CVE-2017-15265 sequencer": ("snd/seq", 116, 1),
    "CVE-2017-1000380 timer of sound": ("snd/timer", 116, 33),
    "CVE-2023-0266 control of sound": ("snd/controlC0", 116, 2),
    "CVE-2022-0330 graphics": ("dri/card0", 226, 0),
    "CVE-2022-22942 rendering": ("dri/renderD128", 226, 128),
    "CVE-2019-18683 video": ("video0", 81, 0),
    "CVE-2019-2215 CVE-2023-20938 binder": ("binder", 10, 124),
    "CVE-2022-4744 tun": ("net/tun", 10, 200),
    "CVE-2020-36385 rdma": ("infiniband/rdma_cm", 10, 123),
    "CVE-2023-2008 udmabuf": ("udmabuf", 10, 125),
}


def opened(name, major, minor):
    path = f"/dev/{name}"
    if not SANDBOXED and not os.path.exists(path):
        path = os.path.join(tempfile.mkdtemp(dir="/tmp"), "device")
        os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(major, minor))
    os.close(os.open(path, os.O_PATH))
    if path.startswith("/tmp/"):
        os.unlink(path)
        os.rmdir(os.path.dirname(path))


for name, device in DEVICES.items():
    attempt(name, lambda: opened(*device))
