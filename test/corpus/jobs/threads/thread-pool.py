# title: multiprocessing's pool of threads, which takes its locks from shared memory
# stdout: "[1, 2, 3] [2, 4]\n"
# impossible:
#   strict: strict has no threads
from multiprocessing.dummy import Pool
from multiprocessing.pool import ThreadPool

with ThreadPool(3) as pool:
    lengths = pool.map(len, ['a', 'bb', 'ccc'])
with Pool(2) as pool:
    print(lengths, list(pool.imap(lambda n: n * 2, [1, 2])))
