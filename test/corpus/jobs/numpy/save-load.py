# title: npy, npz, text and raw binary
# needs: [numpy]
# check: |
#   import numpy as np
#   assert np.load('all.npz')['squares'].sum() == 285 and np.load('m.npy').shape == (3, 4)
#   assert np.loadtxt('m.txt', delimiter=',').shape == (3, 4)
import numpy as np

matrix = np.load('/input/matrix.npy')
np.save('/output/m.npy', matrix * 2)
np.savez_compressed('/output/all.npz', squares=np.arange(10) ** 2, names=np.array(['a', 'b']))
np.savetxt('/output/m.txt', matrix, delimiter=',')
assert np.genfromtxt('/output/m.txt', delimiter=',').sum() == matrix.sum()
