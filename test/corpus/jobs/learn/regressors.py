# title: regressors, and how far their predictions are off
# needs: [sklearn]
# stdout: "10 []\n"
from sklearn.datasets import load_diabetes
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor, StackingRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.isotonic import IsotonicRegression
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import BayesianRidge, ElasticNet, LassoCV, LinearRegression, Ridge
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.svm import SVR

x, y = load_diabetes(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(x, y, random_state=1)
models = [
    LinearRegression(),
    make_pipeline(PolynomialFeatures(2), StandardScaler(), Ridge(100)),
    LassoCV(n_jobs=-1),
    ElasticNet(0.01),
    BayesianRidge(),
    KernelRidge(alpha=0.01, kernel='rbf', gamma=5),
    make_pipeline(StandardScaler(), SVR(C=30)),
    RandomForestRegressor(12, n_jobs=-1, random_state=0),
    StackingRegressor([('knn', KNeighborsRegressor(9)), ('trees', HistGradientBoostingRegressor(max_iter=20))]),
    GaussianProcessRegressor(RBF() + WhiteKernel(), normalize_y=True, random_state=0),
]
bad = []
for model in models:
    predicted = model.fit(x_train, y_train).predict(x_test)
    if r2_score(y_test, predicted) < 0.2 or mean_absolute_error(y_test, predicted) > 60:
        bad.append(type(model).__name__)
IsotonicRegression().fit(x_train[:, 2], y_train)
print(len(models), bad)
