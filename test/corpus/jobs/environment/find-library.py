# title: a library that is looked for through other programs
# stdout: "None or a name\n"
# harmless:
#   vfork: ctypes.util.find_library asks `ldconfig -p` and the compiler in other processes, and finds nothing without
#   clone: the second attempt of the same
# impossible:
#   strict: strict has no uname, which the search begins with
import ctypes.util

found = ctypes.util.find_library('m')
print('None or a name' if found is None or found.startswith('libm') else found)
