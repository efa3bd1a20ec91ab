# title: binary records, bit fields and byte order
# stdout: "(1, -2, 3.5) 00010203 cafe\n"
import array
import binascii
import io
import struct

packed = struct.pack('>HhdI', 1, -2, 3.5, 7)
stream = io.BytesIO(packed)
print(struct.unpack_from('>Hhd', stream.getvalue()), bytes(range(4)).hex(), binascii.unhexlify('cafe').hex())
numbers = array.array('I', range(4))
numbers.byteswap()
assert int.from_bytes(b'\x01\x00', 'little') == 1 and memoryview(packed)[0:2].tobytes() == b'\0\1'
