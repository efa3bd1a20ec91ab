# title: sparse matrices, factorizations, graphs, trees of neighbours and hulls
# needs: [scipy]
# stdout: "True True True [0.0, 1.0, 3.0] True 4 2\n"
import numpy as np
from scipy import linalg, sparse, spatial
from scipy.cluster import hierarchy
from scipy.sparse import csgraph
from scipy.sparse.linalg import cg, eigsh, spsolve

matrix = sparse.diags_array([-1.0, 2.5, -1.0], offsets=[-1, 0, 1], shape=(500, 500)).tocsc()
right = np.ones(500)
solved = spsolve(matrix, right)
dense = np.array([[4.0, 1.0], [1.0, 3.0]])
root = linalg.sqrtm(dense)
paths = csgraph.dijkstra(sparse.csr_array([[0, 1, 5], [0, 0, 2], [0, 0, 0]]), indices=0)
points = np.random.default_rng(0).normal(size=(200, 2))
distance, _ = spatial.cKDTree(points).query(points, k=2, workers=2)
hull = spatial.ConvexHull([[0, 0], [0, 1], [1, 0], [1, 1], [0.5, 0.5]])
groups = hierarchy.fcluster(hierarchy.linkage([[0.0], [0.1], [9.0], [9.1]]), 2, 'maxclust')
print(
    np.allclose(matrix @ solved, right) and np.allclose(cg(matrix, right, rtol=1e-10)[0], solved),
    bool(eigsh(matrix, k=1, which='LA')[0][0] < 4.5),
    np.allclose(root @ root, dense),
    [float(v) for v in paths],
    bool((distance[:, 1] > 0).all()),
    len(hull.vertices),
    len(set(groups)),
)
