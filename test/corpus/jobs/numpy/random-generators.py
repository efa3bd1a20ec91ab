# title: random numbers, seeded and fresh
# needs: [numpy]
# stdout: "8 True\n"
import random

import numpy as np

assert random.Random(1).random() == random.Random(1).random()
generators = [np.random.PCG64, np.random.MT19937, np.random.Philox, np.random.SFC64]
draws = [np.random.Generator(kind(7)).integers(0, 2**62) for kind in generators]
draws += [np.random.Generator(kind()).integers(0, 2**62) for kind in generators]
print(len(set(draws)), np.random.rand(3).tolist() != np.random.rand(3).tolist())
rng = np.random.default_rng()
rng.shuffle(np.arange(10))
rng.choice(['a', 'b'], p=[0.3, 0.7], size=5)
rng.multivariate_normal([0, 0], np.eye(2), size=10)
