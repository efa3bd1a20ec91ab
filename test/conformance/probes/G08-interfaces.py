# Requests to interfaces go through any socket. The names are of none, so that the control changes nothing.
import os
import socket
import struct

near, far = socket.socketpair()
NOBODY = b"leeward-none".ljust(40, b"\0")
REQUESTS = {
    "list of interfaces": 0x8912, "flags": 0x8913, "setting flags": 0x8914, "address": 0x8915, "setting an address": 0x8916,
    "hardware": 0x8927, "index": 0x8933, "a bridge": 0x89A0, "a route": 0x890B, "an ARP entry": 0x8955, "a tap": 0x400454CA,
    "ethtool": 0x8946, "a name for it": 0x8923, "a VLAN": 0x8983, "marks of urgent bytes": 0x8905, "the owner": 0x8901,
}  # fmt: skip
PLACES = ("/dev/net/tun", "/dev/vhost-net", "/dev/ppp", "/sys/class/net")

for name, request in REQUESTS.items():
    argument = buffer(NOBODY) if request != 0x8912 else struct.pack("=iiQ", 0, 0, 0)
    attempt(name, lambda: syscall("ioctl", near.fileno(), request, argument))
attempt("a name by libc", socket.if_nameindex)
for place in PLACES:
    attempt(place, lambda: os.stat(place if SANDBOXED or os.path.exists(place) else "/dev/null"))  # a host may lack some
