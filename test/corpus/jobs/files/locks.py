# title: file locks, and data read and written at offsets
# stdout: "locked\nheader....body\n"
# impossible:
#   strict: strict has no locks on files
import fcntl
import os

with open('/output/.lock', 'w') as lock:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    print('locked')
file = os.open('/output/parts', os.O_RDWR | os.O_CREAT)
os.pwrite(file, b'body', 10)
os.pwrite(file, b'header....', 0)
print(os.pread(file, 100, 0).decode())
os.posix_fallocate(file, 0, 4096)
os.close(file)
