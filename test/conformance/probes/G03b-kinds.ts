/** Abstract names of Unix sockets, which are looked up by the kind of the socket. */
import { sendingProbe } from './world.js';

const CODE = `
import socket

KINDS = {"stream": socket.SOCK_STREAM, "datagram": socket.SOCK_DGRAM, "packets": socket.SOCK_SEQPACKET}

def connected(kind, name):
    with socket.socket(socket.AF_UNIX, kind) as to:
        to.connect(name)
        if kind == socket.SOCK_DGRAM:
            to.send(b"probe")

def message(name):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
        to.sendmsg([b"probe"], [], 0, name)

for name, kind in KINDS.items():
    say(f"unix world-{name}", lambda: connected(kind, f"\\0world-{name}"))
say("unix world-datagram as a message", lambda: message("\\0world-datagram"))
`;

// ECONNREFUSED: nobody has the name in this network. EPERM: Landlock keeps abstract names in.
export const probe = sendingProbe({ code: CODE, accepted: ['ECONNREFUSED', 'EPERM'] });
