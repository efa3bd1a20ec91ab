# Fills memory with a pattern and lets it go, or looks for the pattern in all memory that this process can get. The
# pattern stands nowhere in the text.
import ctypes
import mmap

pattern = bytes(byte ^ 0x5A for byte in bytes.fromhex(HIDDEN))
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = [ctypes.c_size_t]
MIB = 1 << 20


def fill():
    # Below malloc's limit for mappings of their own, so that they come from the heap; the last one keeps the heap from
    # shrinking.
    held = [pattern * (65536 // len(pattern)) for _ in range(SIZE * 16 // 2)]
    block = mmap.mmap(-1, SIZE // 2 * MIB)
    block[:] = pattern * (len(block) // len(pattern))
    block.close()
    top = libc.malloc(4096)
    return len(held) + (top is None)


def mappings():
    with open("/proc/self/maps") as maps:
        for line in maps:
            span, rights, *rest = line.split()
            if rights.startswith("rw") and (len(rest) < 4 or rest[3] in ("[heap]", "[stack]")):
                yield tuple(int(number, 16) for number in span.split("-"))


def scan():
    fresh = [mmap.mmap(-1, MIB) for _ in range(SIZE // 2)]
    blocks = [libc.malloc(65536 - 64) for _ in range(SIZE * 16 // 4)]
    try:
        import numpy
    except ImportError:
        numpy = None
    arrays = [] if numpy is None else [numpy.empty(MIB, dtype=numpy.uint8) for _ in range(SIZE // 4)]
    wanted, found = pattern * 4, 0
    for start, end in list(mappings()):
        for at in range(start, end, MIB):
            text = ctypes.string_at(at, min(MIB, end - at))
            found += text.count(wanted)
            del text
    # What this function builds itself to look for is found as well, a few times.
    return found, len(fresh) + len(blocks) + len(arrays)


if MODE == "fill":
    fill()
    print("filled")
else:
    print(scan()[0])
