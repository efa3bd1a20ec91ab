# Those whose handler asks for the capability before anything else. Unconfined they get through, or fail otherwise.
import socket

SOL_SOCKET, IPPROTO_IP, IPPROTO_IPV6 = 1, 0, 41
INET = {
    "SO_MARK": (SOL_SOCKET, 36, 1),
    "SO_SNDBUFFORCE": (SOL_SOCKET, 32, 4096),
    "SO_RCVBUFFORCE": (SOL_SOCKET, 33, 4096),
    "SO_PRIORITY": (SOL_SOCKET, 12, 7),
    "IP_TRANSPARENT": (IPPROTO_IP, 19, 1),
    "IP_XFRM_POLICY": (IPPROTO_IP, 17, 0),
    "IP_IPSEC_POLICY": (IPPROTO_IP, 16, 0),
}
INET6 = {
    "IPV6_TRANSPARENT": (IPPROTO_IPV6, 75, 1),
    "IPV6_XFRM_POLICY": (IPPROTO_IPV6, 35, 0),
    "IPV6_IPSEC_POLICY": (IPPROTO_IPV6, 34, 0),
    "IPV6_HOPOPTS": (IPPROTO_IPV6, 54, 1),
}


def option(family, level, name, value):
    with socket.socket(family, socket.SOCK_DGRAM) as own:
        own.setsockopt(level, name, value)


for family, options in {socket.AF_INET: INET, socket.AF_INET6: INET6}.items():
    for name, arguments in options.items():
        attempt(name, lambda: option(family, *arguments))
