# title: a process that cannot be started says so, and so does a shared block that needs a tracker process
# stdout: "PermissionError PermissionError 5\n"
# harmless:
#   clone: other processes are not for these policies; the job is told so at once
#   vfork: starts the tracker process of multiprocessing; the job is told so at once
# impossible:
#   strict: multiprocessing is not preloaded, and no machine code can be loaded
import multiprocessing
from multiprocessing import shared_memory

outcomes = []
try:
    multiprocessing.Process(target=print).start()
except OSError as error:
    outcomes.append(type(error).__name__)
try:
    shared_memory.SharedMemory(create=True, size=100)
except OSError as error:
    outcomes.append(type(error).__name__)
with multiprocessing.Lock():
    value = multiprocessing.Value('i', 5)
print(*outcomes, value.value)
