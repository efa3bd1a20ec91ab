# title: a partitioned Parquet directory, filtered and written anew
# needs: [pandas, pyarrow]
# check: |
#   import pandas as pd, pathlib
#   assert sorted(p.name for p in pathlib.Path('sales').iterdir()) == ['product=apple', 'product=pear', 'product=plum']
#   assert len(pd.read_parquet('sales')) == 1000
import pandas as pd

frame = pd.read_parquet('/input/by-region', filters=[('region', 'in', ['north', 'south'])])
frame.to_parquet('/output/sales', partition_cols=['product'])
