# title: a pool of threads, as completed, with exceptions and timeouts
# stdout: "[0, 1, 4, 9] ZeroDivisionError True\n"
# impossible:
#   strict: strict has no threads
import concurrent.futures as futures
import time

with futures.ThreadPoolExecutor(max_workers=4) as pool:
    squares = sorted(task.result() for task in futures.as_completed([pool.submit(pow, n, 2) for n in range(4)]))
    failed = pool.submit(lambda: 1 / 0).exception()
    slow = pool.submit(time.sleep, 0.02)
    try:
        slow.result(timeout=0.001)
        late = False
    except futures.TimeoutError:
        late = True
print(squares, type(failed).__name__, late)
