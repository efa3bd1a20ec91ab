# title: cross-validation, learning curves and searches for the best parameters, in as many parts as asked for
# needs: [sklearn]
# stdout: "5 True True True True\n"
import numpy as np
from scipy.stats import loguniform
from sklearn.datasets import load_wine
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    RandomizedSearchCV,
    StratifiedKFold,
    cross_val_score,
    learning_curve,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

x, y = load_wine(return_X_y=True)
logistic = make_pipeline(StandardScaler(), LogisticRegression())
scores = cross_val_score(logistic, x, y, cv=StratifiedKFold(5, shuffle=True, random_state=0), n_jobs=-1)
grid = GridSearchCV(make_pipeline(StandardScaler(), SVC()), {'svc__C': [0.1, 1, 10]}, n_jobs=4, cv=3).fit(x, y)
space = {'logisticregression__C': loguniform(0.01, 10)}
chance = RandomizedSearchCV(logistic, space, n_iter=3, n_jobs=-1, cv=3, random_state=0).fit(x, y)
halving = HalvingGridSearchCV(DecisionTreeClassifier(random_state=0), {'max_depth': [1, 3]}, n_jobs=2).fit(x, y)
_, _, curve = learning_curve(logistic, x, y, train_sizes=[0.3, 1.0], n_jobs=2, shuffle=True, random_state=0)
print(
    len(scores),
    scores.mean() > 0.9,
    grid.best_score_ > 0.9 and chance.best_score_ > 0.9,
    halving.best_params_['max_depth'] > 1,
    bool(np.all(curve[-1] > 0.8)),
)
