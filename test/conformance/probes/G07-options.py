# On a socket that every job may have: one of a pair. Structures are null, so that the control's handlers refuse them.
import socket

near, far = socket.socketpair()
fd = near.fileno()
SOL_SOCKET, IPPROTO_IP, IPPROTO_TCP, IPPROTO_UDP, SOL_ALG, SOL_TLS, SOL_NETLINK = 1, 0, 6, 17, 279, 282, 270

OPTIONS = {
    "SO_ATTACH_FILTER": (SOL_SOCKET, 26),
    "SO_ATTACH_BPF": (SOL_SOCKET, 50),
    "SO_ATTACH_REUSEPORT_CBPF": (SOL_SOCKET, 51),
    "SO_LOCK_FILTER": (SOL_SOCKET, 44),
    "SO_BINDTODEVICE": (SOL_SOCKET, 25),
    "SO_MARK": (SOL_SOCKET, 36),
    "SO_PEERCRED": (SOL_SOCKET, 17),
    "SO_SNDBUFFORCE": (SOL_SOCKET, 32),
    "SO_TXTIME": (SOL_SOCKET, 61),
    "SO_ZEROCOPY": (SOL_SOCKET, 60),
    "SO_PASSPIDFD": (SOL_SOCKET, 76),
    "IP_TRANSPARENT": (IPPROTO_IP, 19),
    "IPT_SO_SET_REPLACE": (IPPROTO_IP, 64),
    "TCP_ULP": (IPPROTO_TCP, 31),
    "TCP_REPAIR": (IPPROTO_TCP, 19),
    "UDP_ENCAP": (IPPROTO_UDP, 100),
    "ALG_SET_KEY": (SOL_ALG, 1),
    "TLS_TX": (SOL_TLS, 1),
    "NETLINK_ADD_MEMBERSHIP": (SOL_NETLINK, 1),
}
MSG_OOB, MSG_ERRQUEUE, MSG_FASTOPEN = 1, 0x2000, 0x20000000

for name, (level, option) in OPTIONS.items():
    attempt(name, lambda: syscall("setsockopt", fd, level, option, 0, 4))
for name, level in {"IP": IPPROTO_IP, "TCP": IPPROTO_TCP, "UDP": IPPROTO_UDP, "TLS": SOL_TLS}.items():
    attempt(f"getsockopt of {name}", lambda: syscall("getsockopt", fd, level, 1, 0, 0))
attempt("an urgent byte", lambda: syscall("sendto", fd, b"!", 1, MSG_OOB, 0, 0))
attempt("an urgent byte with a high half", lambda: syscall("sendto", fd, b"!", 1, MSG_OOB | 1 << 32, 0, 0))
attempt("an urgent byte among others", lambda: syscall("sendto", fd, b"!", 1, MSG_OOB | MSG_FASTOPEN | 0x40, 0, 0))
attempt("an urgent byte as a message", lambda: syscall("sendmsg", fd, 0, MSG_OOB))
attempt("urgent bytes as messages", lambda: syscall("sendmmsg", fd, 0, 1, MSG_OOB))
attempt("reading an urgent byte", lambda: syscall("recvfrom", fd, buffer(size=1), 1, MSG_OOB | 0x40, 0, 0))
attempt("peeking at an urgent byte", lambda: syscall("recvfrom", fd, buffer(size=1), 1, MSG_OOB | 0x42, 0, 0))
attempt("reading an urgent byte as a message", lambda: syscall("recvmsg", fd, 0, MSG_OOB))
attempt("an address to send to", lambda: syscall("sendto", fd, b"!", 1, 0, bytes(16), 16))
attempt("a descriptor along", lambda: syscall("sendmsg", fd, 0, 0))
