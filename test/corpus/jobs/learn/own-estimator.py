# title: estimators that the job makes itself, cloned, checked, drawn and saved
# needs: [sklearn]
# stdout: "True True\n"
# check: |
#   assert '<div' in open('model.html').read()
import joblib
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin, TransformerMixin, clone
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_html_repr
from sklearn.utils.validation import check_is_fitted, validate_data


class Logarithm(TransformerMixin, BaseEstimator):
    def fit(self, x, y=None):
        validate_data(self, x, y)
        return self

    def transform(self, x):
        return np.log1p(validate_data(self, x, reset=False))


class Scaled(RegressorMixin, BaseEstimator):
    def __init__(self, factor=1.0):
        self.factor = factor

    def fit(self, x, y):
        x, y = validate_data(self, x, y)
        self.inner_ = LinearRegression().fit(x, y * self.factor)
        return self

    def predict(self, x):
        check_is_fitted(self)
        return self.inner_.predict(x) / self.factor


x = np.arange(1.0, 41).reshape(-1, 1)
y = 3 * np.log1p(x).ravel()
model = make_pipeline(Logarithm(), Scaled(2.0))
predicted = cross_val_predict(clone(model), x, y, cv=4)
model.fit(x, y)
joblib.dump(model, '/tmp/own.joblib')
with open('/output/model.html', 'w') as file:
    file.write(estimator_html_repr(model))
print(np.allclose(predicted, y), np.allclose(joblib.load('/tmp/own.joblib').predict(x), y))
