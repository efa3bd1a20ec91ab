# title: frames pickled, plain and compressed
# needs: [pandas]
# check: |
#   import pandas as pd
#   assert len(pd.read_pickle('sales.pkl.gz')) == 2000
import pickle

import pandas as pd

frame = pd.read_parquet('/input/sales.parquet')
frame.to_pickle('/output/sales.pkl.gz')
assert pickle.loads(pickle.dumps(frame, protocol=5)).equals(frame)
