# title: memory-mapped arrays, read-only input and shared output
# needs: [numpy]
# check: |
#   import numpy as np
#   assert np.fromfile('doubled.raw')[-1] == 199998
import numpy as np

numbers = np.memmap('/input/numbers.raw', dtype=np.float64, mode='r')
doubled = np.memmap('/output/doubled.raw', dtype=np.float64, mode='w+', shape=numbers.shape)
doubled[:] = numbers * 2
doubled.flush()
assert np.load('/input/matrix.npy', mmap_mode='r')[2, 3] == 11
