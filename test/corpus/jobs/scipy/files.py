# title: matrices and sounds in the files of other programs
# needs: [scipy]
# stdout: "True True True\n"
# check: |
#   from scipy import io
#   assert io.loadmat('data.mat')['a'].shape == (3, 4) and io.wavfile.read('tone.wav')[0] == 8000
import numpy as np
from scipy import io, sparse
from scipy.io import wavfile

a = np.load('/input/matrix.npy')
io.savemat('/output/data.mat', {'a': a}, do_compression=True)
scattered = sparse.random_array((2000, 2000), density=0.01, rng=0)
io.mmwrite('/output/scattered.mtx', scattered)
sparse.save_npz('/output/scattered.npz', scattered.tocsr())
tone = (3000 * np.sin(np.arange(8000) * 0.3)).astype(np.int16)
wavfile.write('/output/tone.wav', 8000, tone)
print(
    np.array_equal(io.loadmat('/output/data.mat')['a'], a),
    abs(io.mmread('/output/scattered.mtx') - sparse.load_npz('/output/scattered.npz')).max() < 1e-12,
    np.array_equal(wavfile.read('/output/tone.wav')[1], tone),
)
