# title: iterators, caches, heaps and partial functions
# stdout: "[1, 3, 6] 102334155 [1, 2] {'a': 2}\n"
import functools
import heapq
import itertools
import operator
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque


@functools.lru_cache(maxsize=None)
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


heap = [3, 1, 2]
heapq.heapify(heap)
print(list(itertools.accumulate([1, 2, 3])), fibonacci(40), heapq.nsmallest(2, heap), dict(Counter('aa')))
groups = defaultdict(list)
for key, value in itertools.groupby(sorted('mississippi')):
    groups[key].extend(value)
assert functools.reduce(operator.mul, range(1, 6)) == 120
assert deque(range(5), maxlen=2)[0] == 3 and ChainMap({}, {'a': 1})['a'] == 1 and OrderedDict(a=1)
