/** Questions for names: what libc asks, and what a job asks by itself. */
import { sendingProbe } from './world.js';

const CODE = `
import socket

QUERY = b"\\x00\\x01\\x01\\x00\\x00\\x01" + bytes(6) + b"\\x07example\\x03com\\x00\\x00\\x01\\x00\\x01"

def asked(address):
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as to:
        to.connect((address, 53))
        to.send(QUERY)

say("udp 127.0.0.1 53 as a name of libc", lambda: socket.getaddrinfo("example.com", 443))
say("udp 127.0.0.1 53 as a name with a secret", lambda: socket.gethostbyname("c2VjcmV0.example.com"))
say("udp 127.0.0.1 53 as an address of libc", lambda: socket.gethostbyaddr("192.0.2.7"))
say("udp 127.0.0.53 53 as the stub of systemd", lambda: asked("127.0.0.53"))
say("udp 127.0.0.11 53 as the stub of Docker", lambda: asked("127.0.0.11"))
say("udp 8.8.8.8 53 as a resolver of the internet", lambda: asked("8.8.8.8"))
say("udp ::1 53 as a stub by IPv6", lambda: asked("::1"))
`;

// What libc says when it cannot ask; who asks by hand has the errno.
const NOT_ASKED = ['EAI_AGAIN', 'EAI_NONAME', 'TRY_AGAIN'];

export const probe = sendingProbe({ code: CODE, accepted: [...NOT_ASKED, 'EACCES', 'ENETUNREACH', 'EADDRNOTAVAIL'] });
