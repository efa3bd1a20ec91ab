# title: classifiers of each kind, trained and asked
# needs: [sklearn]
# stdout: "14 []\n"
import warnings

from sklearn.datasets import load_iris
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    AdaBoostClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

warnings.simplefilter('ignore')  # of models that could be trained longer
x, y = load_iris(return_X_y=True, as_frame=True)
x_train, x_test, y_train, y_test = train_test_split(x, y, random_state=0, stratify=y)
models = [
    LogisticRegression(max_iter=300),
    SGDClassifier(random_state=0),
    LinearDiscriminantAnalysis(),
    GaussianNB(),
    KNeighborsClassifier(n_jobs=-1),
    DecisionTreeClassifier(random_state=0),
    RandomForestClassifier(15, n_jobs=-1, random_state=0),
    ExtraTreesClassifier(15, n_jobs=2, random_state=0),
    AdaBoostClassifier(n_estimators=8, random_state=0),
    GradientBoostingClassifier(n_estimators=8, random_state=0),
    HistGradientBoostingClassifier(max_iter=8, random_state=0),
    MLPClassifier((10,), learning_rate_init=0.02, max_iter=150, random_state=0),
    GaussianProcessClassifier(random_state=0),
    VotingClassifier([('svc', SVC()), ('linear', LinearSVC()), ('knn', KNeighborsClassifier())], n_jobs=2),
]
scores = {type(model).__name__: model.fit(x_train, y_train).score(x_test, y_test) for model in models}
print(len(models), [name for name, score in scores.items() if score < 0.7])
