# title: models trained in many threads at a time
# needs: [sklearn]
# repeat: true
# stdout: "4 True\n"
from concurrent.futures import ThreadPoolExecutor

from sklearn.cluster import KMeans
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.neighbors import KNeighborsClassifier


def train(seed):
    x, y = make_classification(300, random_state=seed)
    KMeans(4, random_state=seed).fit(x)
    models = [HistGradientBoostingClassifier(max_iter=5), RandomForestClassifier(5), KNeighborsClassifier()]
    return min(model.fit(x, y).score(x, y) for model in models)


with ThreadPoolExecutor(4) as pool:
    scores = list(pool.map(train, range(4)))
print(len(scores), min(scores) > 0.7)
