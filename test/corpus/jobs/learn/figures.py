# title: what a model does, as figures in PNG, SVG and PDF
# needs: [sklearn, matplotlib]
# check: |
#   heads = {'matrix.png': b'\x89PNG', 'roc.svg': b'<?xml', 'tree.pdf': b'%PDF', 'border.png': b'\x89PNG', 'parts.svg': b'<?xml'}
#   for name, head in heads.items():
#       data = open(name, 'rb').read()
#       assert data.startswith(head) and len(data) > 4000, name
#   from PIL import Image
#   assert Image.open('matrix.png').size == (640, 480)
import matplotlib.pyplot as plt
from sklearn.datasets import load_breast_cancer
from sklearn.inspection import DecisionBoundaryDisplay, PartialDependenceDisplay
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import ConfusionMatrixDisplay, RocCurveDisplay
from sklearn.tree import DecisionTreeClassifier, plot_tree

x, y = load_breast_cancer(return_X_y=True, as_frame=True)
x, y = x.loc[:199, ['mean radius', 'mean texture']], y[:200]
tree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(x, y)
ConfusionMatrixDisplay.from_estimator(tree, x, y)
plt.savefig('/output/matrix.png')
RocCurveDisplay.from_estimator(tree, x, y)
plt.savefig('/output/roc.svg')
plt.figure(figsize=(10, 6))
plot_tree(tree, feature_names=list(x.columns), filled=True)
plt.savefig('/output/tree.pdf')
border = DecisionBoundaryDisplay.from_estimator(LogisticRegression().fit(x, y), x, response_method='predict', grid_resolution=40)
border.ax_.scatter(*x.to_numpy().T, c=y, s=8)
border.figure_.savefig('/output/border.png')
PartialDependenceDisplay.from_estimator(tree, x, ['mean radius'], n_jobs=2, grid_resolution=20)
plt.savefig('/output/parts.svg')
