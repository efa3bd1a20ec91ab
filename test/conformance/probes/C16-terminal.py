# The control's three are pipes: the handler says ENOTTY, and nothing is typed anywhere.
TIOCSTI, TIOCLINUX, TIOCSPGRP, TIOCSCTTY, TIOCNOTTY = 0x5412, 0x541C, 0x5410, 0x540E, 0x5422
TIOCCONS, TIOCSETD, TIOCSWINSZ, TIOCPKT, TIOCGPTPEER = 0x541D, 0x5423, 0x5414, 0x5420, 0x5441
KDSKBSENT, KDSETLED, PIO_FONT, VT_ACTIVATE = 0x4B49, 0x4B32, 0x4B61, 0x5606
REQUESTS = {
    "TIOCSTI": TIOCSTI, "TIOCLINUX": TIOCLINUX, "TIOCSPGRP": TIOCSPGRP, "TIOCSCTTY": TIOCSCTTY, "TIOCNOTTY": TIOCNOTTY,
    "TIOCCONS": TIOCCONS, "TIOCSETD": TIOCSETD, "TIOCSWINSZ": TIOCSWINSZ, "TIOCPKT": TIOCPKT, "TIOCGPTPEER": TIOCGPTPEER,
    "KDSKBSENT": KDSKBSENT, "KDSETLED": KDSETLED, "PIO_FONT": PIO_FONT, "VT_ACTIVATE": VT_ACTIVATE,
}
for descriptor in (0, 1, 2):
    for name, request in REQUESTS.items():
        attempt(f"{name} on {descriptor}", lambda: syscall("ioctl", descriptor, request, b"x"))
        # The kernel looks at 32 bits of the request, a filter may look at 64.
    for name in ("TIOCSTI", "TIOCLINUX"):
        for high in (1 << 32, 0xFFFFFFFF << 32):
            attempt(
                f"{name} with {high >> 32:#x} above on {descriptor}",
                lambda: syscall("ioctl", descriptor, REQUESTS[name] | high, b"x"),
            )
