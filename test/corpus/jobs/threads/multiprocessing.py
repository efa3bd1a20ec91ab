# title: a pool of processes is refused at once, and the work is done by threads
# stdout: "PermissionError [1, 4, 9]\n"
# harmless:
#   clone: other processes are not for these policies; the job is told so at once
# impossible:
#   strict: strict has neither processes nor threads
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor


def square(n):
    return n * n


try:
    with ProcessPoolExecutor(2) as pool:
        print(list(pool.map(square, [1, 2, 3])))
except OSError as error:
    with ThreadPoolExecutor(2) as pool:
        print(type(error).__name__, list(pool.map(square, [1, 2, 3])))
