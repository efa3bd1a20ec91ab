# Unconfined with a type that no family has: the handler refuses it before it would load a module for the family.
KINDS = {"stream": 1, "datagram": 2, "raw": 3, "packets": 5} if SANDBOXED else {"stream": 15, "datagram": 15, "raw": 15, "packets": 15}
LAST = 50  # beyond AF_MAX of linux/socket.h, which is 46

for family in range(LAST + 1):
    for name, kind in KINDS.items():
        attempt(f"{family} {name}", lambda: syscall("socket", family, kind, 0))
for family in (16, 17, 38, 40, 44):  # netlink, packets, crypto, vsock, XDP
    # The kernel takes an int: what stands above is not there.
    attempt(f"{family} with a high half", lambda: syscall("socket", family | 1 << 32, KINDS["raw"], 0))
    attempt(f"{family} not to be inherited", lambda: syscall("socket", family, KINDS["datagram"] | 0x80000 | 0x800, 0))
    attempt(f"{family} as a pair", lambda: syscall("socketpair", family, KINDS["stream"], 0, buffer(size=8)))
    attempt(f"{family} as a pair with a high half", lambda: syscall("socketpair", family | 1 << 32, KINDS["stream"], 0, 0))
