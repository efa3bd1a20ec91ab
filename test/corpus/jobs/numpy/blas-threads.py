# title: NumPy and pandas in many threads at a time
# needs: [numpy, pandas]
# repeat: true
# stdout: "8 True\n"
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd


def work(seed):
    a = np.random.default_rng(seed).normal(size=(120, 120))
    frame = pd.DataFrame({'k': np.arange(2000) % 7, 'v': np.arange(2000.0)})
    return np.linalg.norm(np.linalg.inv(a) @ a - np.eye(120)) + frame.groupby('k').v.mean().std() * 0


with ThreadPoolExecutor(8) as pool:
    results = list(pool.map(work, range(8)))
print(len(results), max(results) < 1e-6)
