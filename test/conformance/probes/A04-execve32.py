# The smallest program of i386: one segment with the instructions `mov eax, 1; mov ebx, 42; int 0x80`, exit(42).
import os
import struct

BASE = 0x08048000
TEXT = b"\xb8\x01\x00\x00\x00\xbb\x2a\x00\x00\x00\xcd\x80"
SIZE = 52 + 32 + len(TEXT)
IDENT = b"\x7fELF\x01\x01\x01" + bytes(9)
HEADER = struct.pack("<16sHHIIIIIHHHHHH", IDENT, 2, 3, 1, BASE + 84, 52, 0, 0, 52, 32, 1, 0, 0, 0)
SEGMENT = struct.pack("<IIIIIIII", 1, 0, BASE, BASE, SIZE, SIZE, 5, 4096)


def execute(path):
    with open(path, "wb") as file:
        file.write(HEADER + SEGMENT + TEXT)
    os.chmod(path, 0o755)
    words_of = lambda *addresses: b"".join(address.to_bytes(8, "little") for address in addresses)
    return syscall("execve", path.encode() + b"\0", buffer(words_of(0, 0)), buffer(words_of(0)))


attempt("from the temporary directory", lambda: execute(f"/tmp/execve32-{os.getpid()}"))
attempt("from the output directory", lambda: execute(f"{OUTPUT}/execve32-{os.getpid()}"))
