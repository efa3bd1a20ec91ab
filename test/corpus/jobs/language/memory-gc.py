# title: many objects, the collector, weak references and tracemalloc
# stdout: "True None\n"
import gc
import sys
import tracemalloc
import weakref


class Node:
    def __init__(self):
        self.self = self


tracemalloc.start()
node = Node()
reference = weakref.ref(node)
del node
gc.collect()
big = [bytearray(1000) for _ in range(50_000)]
print(tracemalloc.get_traced_memory()[1] > 50_000_000, reference())
big.clear()
assert sys.getsizeof([]) and gc.get_stats()
