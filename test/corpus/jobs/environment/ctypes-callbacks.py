# title: a Python function called from C
# stdout: "[1, 2, 3]\n"
# impossible:
#   python-data: a callback is machine code made at run time, in memory that is writable and executable; the job gets a MemoryError
#   python-ml: as under python-data
#   strict: as under python-data
import ctypes

COMPARE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
numbers = (ctypes.c_int * 3)(3, 1, 2)
ctypes.CDLL(None).qsort(numbers, 3, ctypes.sizeof(ctypes.c_int), COMPARE(lambda a, b: a[0] - b[0]))
print(list(numbers))
