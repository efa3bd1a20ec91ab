# title: threads with locks, events, barriers and queues
# stdout: "400 [0, 1, 4, 9, 16]\n"
# impossible:
#   strict: strict has no threads
import queue
import threading

count, lock, ready = 0, threading.Lock(), threading.Event()


def add():
    global count
    ready.wait()
    for _ in range(100):
        with lock:
            count += 1


threads = [threading.Thread(target=add, name=f'adder-{i}', daemon=True) for i in range(4)]
for thread in threads:
    thread.start()
ready.set()
for thread in threads:
    thread.join()
work, done = queue.Queue(), queue.PriorityQueue()
for n in range(5):
    work.put(n)
helper = threading.Thread(target=lambda: [done.put(work.get() ** 2) for _ in range(5)])
helper.start()
helper.join()
print(count, [done.get() for _ in range(5)])
barrier = threading.Barrier(2, timeout=5)
threading.Thread(target=barrier.wait).start()
barrier.wait()
