# title: models saved with joblib and pickle, loaded again, and used on the host
# needs: [sklearn]
# check: |
#   import joblib, numpy as np, pickle
#   expected = np.load('expected.npy')
#   for name in ('model.joblib', 'model.joblib.gz', 'model.joblib.xz'):
#       assert np.allclose(joblib.load(name).predict_proba(expected[:, :4]), expected[:, 4:]), name
#   assert pickle.load(open('model.pickle', 'rb')).n_features_in_ == 4
import pickle

import joblib
import numpy as np
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier

x, y = load_iris(return_X_y=True)
model = RandomForestClassifier(8, random_state=0).fit(x, y)
probabilities = model.predict_proba(x)
for name in ('model.joblib', 'model.joblib.gz', 'model.joblib.xz'):
    joblib.dump(model, f'/output/{name}', compress=0 if name.endswith('joblib') else 3)
    assert np.array_equal(joblib.load(f'/output/{name}').predict_proba(x), probabilities)
mapped = joblib.load('/output/model.joblib', mmap_mode='r')
assert np.array_equal(mapped.predict_proba(x), probabilities)
with open('/output/model.pickle', 'wb') as file:
    pickle.dump(model, file)
np.save('/output/expected.npy', np.hstack([x, probabilities]))
