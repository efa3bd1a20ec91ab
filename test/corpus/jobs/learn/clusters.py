# title: clusters, mixtures, outliers and fewer dimensions
# needs: [sklearn]
# stdout: "KMeans MiniBatchKMeans Agglomerative Spectral DBSCAN HDBSCAN GaussianMixture\nPCA SVD NMF FastICA Isomap TSNE Kernel\nTrue\n"
import numpy as np
from sklearn.cluster import DBSCAN, HDBSCAN, AgglomerativeClustering, KMeans, MiniBatchKMeans, SpectralClustering
from sklearn.datasets import load_digits, make_blobs
from sklearn.decomposition import NMF, PCA, FastICA, KernelPCA, TruncatedSVD
from sklearn.ensemble import IsolationForest
from sklearn.manifold import TSNE, Isomap
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

x, y = make_blobs(300, centers=[(0, 0), (8, 8), (-8, 8)], random_state=0)
clusterings = {
    'KMeans': KMeans(3, random_state=0),
    'MiniBatchKMeans': MiniBatchKMeans(3, random_state=0),
    'Agglomerative': AgglomerativeClustering(3),
    'Spectral': SpectralClustering(3, random_state=0, n_jobs=2),
    'DBSCAN': DBSCAN(1.5, n_jobs=-1),
    'HDBSCAN': HDBSCAN(copy=True),
    'GaussianMixture': GaussianMixture(3, random_state=0),
}
print(*[name for name, model in clusterings.items() if adjusted_rand_score(y, model.fit_predict(x)) > 0.9])

digits = load_digits().data[:150]
reductions = {
    'PCA': PCA(2),
    'SVD': TruncatedSVD(2),
    'NMF': NMF(2, max_iter=200),
    'FastICA': FastICA(2, random_state=0),
    'Isomap': Isomap(n_components=2, n_neighbors=20),
    'TSNE': TSNE(2, max_iter=300, random_state=0, n_jobs=2),
    'Kernel': KernelPCA(2, kernel='rbf', gamma=1e-4, n_jobs=2),
}
print(*[name for name, model in reductions.items() if model.fit_transform(digits).shape == (150, 2)])
far = IsolationForest(random_state=0, n_jobs=2).fit(x).predict([[100, 100], [0, 0]])
print(np.array_equal(far, [-1, 1]))
