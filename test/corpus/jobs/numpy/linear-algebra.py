# title: linear algebra, large enough for BLAS to want threads
# needs: [numpy]
# stdout: "True True True (300,)\n"
import numpy as np

rng = np.random.default_rng(5)
a = rng.normal(size=(300, 300))
b = rng.normal(size=300)
x = np.linalg.solve(a, b)
q, r = np.linalg.qr(a)
u, s, vt = np.linalg.svd(a @ a.T)
print(np.allclose(a @ x, b), np.allclose(q @ r, a), np.allclose(u * s @ vt, a @ a.T), np.linalg.eigvals(a).shape)
np.linalg.lstsq(a[:, :50], b, rcond=None)
np.linalg.cholesky(a @ a.T + np.eye(300))
