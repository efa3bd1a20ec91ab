# title: a data set that comes with scikit-learn is there, one from the network is an error at once
# needs: [sklearn]
# stdout: "1797 URLError\n"
# harmless:
#   socket: the data set would come from the network
from urllib.error import URLError

from sklearn.datasets import fetch_california_housing, load_digits

try:
    fetch_california_housing(n_retries=1, delay=0.01)
except URLError as error:
    print(len(load_digits().target), type(error).__name__)
