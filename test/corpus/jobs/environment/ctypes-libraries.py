# title: C functions through ctypes, with structures, arrays and pointers
# stdout: "3 [1, 2, 3] 4.0 7\n"
import ctypes

libc = ctypes.CDLL(None)
libm = ctypes.CDLL('libm.so.6')
libm.sqrt.restype, libm.sqrt.argtypes = ctypes.c_double, [ctypes.c_double]


class Pair(ctypes.Structure):
    _fields_ = [('a', ctypes.c_uint16), ('b', ctypes.c_uint64)]


numbers = (ctypes.c_int * 3)()
ctypes.memmove(numbers, (ctypes.c_int * 3)(1, 2, 3), ctypes.sizeof(numbers))
pair = ctypes.pointer(Pair(1, 7))
print(libc.strlen(b'abc'), list(numbers), libm.sqrt(16.0), pair.contents.b)
