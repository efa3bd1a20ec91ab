# title: the threads of BLAS and OpenMP looked at and limited
# needs: [sklearn]
# stdout: "['blas', 'openmp', 'scipy'] 1 [3]\n"
import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_info, threadpool_limits

apis = sorted({pool['user_api'] for pool in threadpool_info()})
most = max(pool['num_threads'] for pool in threadpool_info())
with threadpool_limits(3, user_api='openmp'):
    inside = {pool['num_threads'] for pool in threadpool_info() if pool['user_api'] == 'openmp'}
    rng = np.random.default_rng(0)
    HistGradientBoostingRegressor(max_iter=5).fit(rng.normal(size=(3000, 5)), rng.normal(size=3000))
print(apis, most, sorted(inside))
