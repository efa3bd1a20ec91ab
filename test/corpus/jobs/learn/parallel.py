# title: joblib asked for processes and for threads does the work one piece after the other
# needs: [sklearn, joblib]
# stdout: "9 [[0, 1, 4, 9]]\n1\n"
import math
import warnings

import joblib
from joblib import Parallel, delayed

warnings.simplefilter('ignore')  # joblib says that it has no processes
kinds = [{}, {'prefer': 'processes'}, {'prefer': 'threads'}, {'require': 'sharedmem'}, {'backend': 'loky'}]
kinds += [{'backend': 'multiprocessing'}, {'backend': 'threading'}, {'batch_size': 2}]
results = [Parallel(n_jobs=n, **kind)(delayed(pow)(i, 2) for i in range(4)) for kind, n in zip(kinds, [2, -1] * 4)]
with joblib.parallel_config(n_jobs=-1):
    results.append(list(Parallel(return_as='generator')(delayed(pow)(i, 2) for i in range(4))))
print(len(results), [list(each) for each in {tuple(result) for result in results}])

memory = joblib.Memory('/tmp/cache', verbose=0)
calls = []


@memory.cache
def slow(x):
    calls.append(x)
    return math.sqrt(x)


assert slow(4.0) == slow(4.0) == 2.0
print(len(calls))
