# title: minima, roots, fits, integrals and differential equations
# needs: [scipy]
# stdout: "[1.0, 1.0] 0.7391 [2.0, 3.0] 2.0 0.3679 [3.0, 1.0] 4\n"
import ctypes
import warnings

import numpy as np
from scipy import integrate, optimize

lowest = optimize.minimize(optimize.rosen, [0, 0], method='BFGS', tol=1e-8).x
root = optimize.brentq(lambda x: np.cos(x) - x, 0, 1)
x = np.linspace(0, 1, 50)
fit, _ = optimize.curve_fit(lambda x, a, b: a * x + b, x, 2 * x + 3)
# A C function, called without going through Python.
sine = ctypes.CDLL(None).sin
sine.restype, sine.argtypes = ctypes.c_double, (ctypes.c_double,)
area = integrate.quad(sine, 0, np.pi)[0]
decay = integrate.solve_ivp(lambda t, y: -y, (0, 1), [1.0], rtol=1e-8).y[0, -1]
linear = optimize.linprog([-1, -2], A_ub=[[1, 1], [1, 3]], b_ub=[4, 6]).x
with warnings.catch_warnings():
    warnings.simplefilter('ignore')
    whole = optimize.milp([-1.0], integrality=[1], bounds=optimize.Bounds(0, 4.5)).x
print(
    [round(float(v), 2) for v in lowest],
    round(root, 4),
    [round(float(v), 4) for v in fit],
    round(area, 6),
    round(float(decay), 4),
    [round(float(v), 4) for v in linear],
    int(whole[0]),
)
