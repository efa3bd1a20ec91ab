/** Services that listen on the host's loopback, by every spelling of their address. */
import { sendingProbe } from './world.js';

const CODE = `
import socket

V4 = ("127.0.0.1", "127.1", "0", "0.0.0.0", "2130706433", "0x7f000001", "017700000001", "localhost")
V6 = ("::1", "::", "0:0:0:0:0:0:0:1", "::0001")

def numbers(name):
    # Of the spelling alone: names are not looked up, G09 does that.
    return "127.0.0.1" if name == "localhost" else socket.inet_ntoa(socket.inet_aton(name))

def send(family, kind, address):
    with socket.socket(family, kind) as to:
        to.settimeout(5)
        to.connect((address, 7777))
        if kind == socket.SOCK_DGRAM:
            to.send(b"probe")

KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
for protocol, kind in KINDS.items():
    for spelling in V4:
        say(f"{protocol} 127.0.0.1 7777 as {spelling}", lambda: send(socket.AF_INET, kind, numbers(spelling)))
    for spelling in V6:
        say(f"{protocol} ::1 7777 as {spelling}", lambda: send(socket.AF_INET6, kind, spelling))
    for spelling in ("::ffff:127.0.0.1", "::ffff:7f00:1"):
        say(f"{protocol} 127.0.0.1 7777 as {spelling}", lambda: send(socket.AF_INET6, kind, spelling))
    say(f"{protocol} 127.255.255.254 7777 as another of the same", lambda: send(socket.AF_INET, kind, "127.255.255.254"))
`;

export const probe = sendingProbe({ code: CODE, accepted: ['EACCES', 'ENETUNREACH', 'EADDRNOTAVAIL'] });
