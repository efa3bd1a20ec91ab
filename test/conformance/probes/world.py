# A network in which every address answers, for the daemon that the arguments start and for controls: whatever gets out of a job
# reaches somebody here. Says `world: PROTOCOL ADDRESS PORT` on standard error for each that was reached.
import ctypes
import os
import select
import socket
import struct
import sys

CLONE_NEWNET, CLONE_NEWNS = 0x40000000, 0x20000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
PORTS = (53, 80, 7777)
UNIX = {"stream": socket.SOCK_STREAM, "datagram": socket.SOCK_DGRAM, "packets": socket.SOCK_SEQPACKET}  # abstract names of their own
IP_PKTINFO, IPV6_RECVPKTINFO, IPV6_PKTINFO = 8, 49, 50

libc = ctypes.CDLL(None, use_errno=True)


def checked(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        import fcntl

        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14x", b"lo", 1))  # SIOCSIFFLAGS, IFF_UP


def every_address_is_local(family):
    """rtnetlink(7): a route of type local to everywhere, by the interface lo."""
    route = struct.pack("=BBBBBBBBI", family, 0, 0, 0, 255, 4, 254, 2, 0) + struct.pack("=HHI", 8, 4, 1)
    header = struct.pack("=IHHII", 16 + len(route), 24, 0x405, 1, 0)  # RTM_NEWROUTE, REQUEST | ACK | CREATE
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as netlink:
        netlink.send(header + route)
        [error] = struct.unpack_from("=i", netlink.recv(4096), 16)
    if error != 0:
        raise OSError(-error, os.strerror(-error))


def one_resolver(path):
    checked(libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None))
    checked(libc.mount(path.encode(), b"/etc/resolv.conf", None, MS_BIND, None))


def say(*words):
    os.write(2, ("world: " + " ".join(map(str, words)) + "\n").encode())


def sockets():
    for port in PORTS:
        for family, everywhere in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                try:
                    server = socket.socket(family, kind)
                except OSError:
                    continue  # a kernel without IPv6
                if family == socket.AF_INET6:
                    server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                server.setsockopt(*((0, IP_PKTINFO) if family == socket.AF_INET else (41, IPV6_RECVPKTINFO)), 1)
                server.bind((everywhere, port))
                if kind == socket.SOCK_STREAM:
                    server.listen(64)
                yield server


def unix_sockets():
    for name, kind in UNIX.items():
        server = socket.socket(socket.AF_UNIX, kind)
        server.bind(f"\0world-{name}")
        if kind != socket.SOCK_DGRAM:
            server.listen(64)
        yield server


def serve(servers, served):
    while True:
        ready = select.select([*servers, served], [], [])[0]
        if served in ready:
            sys.exit()
        for server in ready:
            if server.family == socket.AF_UNIX:
                say("unix", server.getsockname()[1:].decode())
                server.recv(64) if server.type == socket.SOCK_DGRAM else server.accept()[0].close()
                continue
            port = server.getsockname()[1]
            if server.type == socket.SOCK_STREAM:
                connection, _ = server.accept()
                say("tcp", connection.getsockname()[0], port)
                connection.close()
            else:
                data, messages, _, peer = server.recvmsg(2048, 256)
                if port == 53:
                    server.sendto(data[:2] + b"\x81\x83" + data[4:], peer)  # there is no such name (RFC 1035, 4.1.1)
                say("udp", *[aimed_at(kind, data) for _, kind, data in messages], port)


def aimed_at(kind, data):
    if kind == IPV6_PKTINFO:
        return socket.inet_ntop(socket.AF_INET6, data[:16])
    return socket.inet_ntop(socket.AF_INET, data[8:12])


def main():
    checked(libc.unshare(CLONE_NEWNET | CLONE_NEWNS))
    loopback_up()
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            every_address_is_local(family)
        except OSError as error:
            say(f"family {family}: {error}")
    one_resolver(sys.argv[1])
    servers = [*sockets(), *unix_sockets()]
    # It ends with whom it serves. PR_SET_PDEATHSIG would not do: the signal of an ordinary user's may not reach root's.
    served = os.pidfd_open(os.getpid())
    if os.fork() == 0:
        serve(servers, served)
    os.close(served)
    for server in servers:
        server.close()
    os.execvp(sys.argv[2], sys.argv[2:])


main()
