/** Addresses of elsewhere: of the internet, of clouds, of networks that hosts have. */
import { sendingProbe } from './world.js';

const CODE = `
import socket

ADDRESSES = (
    "1.1.1.1", "169.254.169.254", "100.100.100.200", "10.0.0.1", "172.17.0.1", "192.168.122.1", "192.0.2.1",
    "fd00:ec2::254", "2001:db8::1", "2606:4700:4700::1111",
)

def stream(address, port):
    with socket.socket(family(address), socket.SOCK_STREAM) as to:
        to.settimeout(5)
        to.connect((address, port))

def datagram(address, port):
    with socket.socket(family(address), socket.SOCK_DGRAM) as to:
        to.connect((address, port))
        to.send(b"probe")

def message(address, port):
    with socket.socket(family(address), socket.SOCK_DGRAM) as to:
        to.sendmsg([b"probe"], [], 0, (address, port))

def fast(address, port):
    with socket.socket(family(address), socket.SOCK_STREAM) as to:
        to.sendmsg([b"probe"], [], 0x20000000, (address, port))  # MSG_FASTOPEN connects

def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET

for address in ADDRESSES:
    for port in (80, 53):
        say(f"tcp {address} {port}", lambda: stream(address, port))
        say(f"udp {address} {port}", lambda: datagram(address, port))
    say(f"udp {address} 7777 as a message", lambda: message(address, 7777))
    say(f"tcp {address} 7777 as a fast one", lambda: fast(address, 7777))
`;

// EACCES: the policy has no socket, or Landlock no port to connect to. ENETUNREACH: the namespace has no route.
// EADDRNOTAVAIL: it has no address to send from, as IPv6 says it.
export const probe = sendingProbe({ code: CODE, accepted: ['EACCES', 'ENETUNREACH', 'EADDRNOTAVAIL'] });
