# title: nullable and Arrow-backed columns
# needs: [pandas, pyarrow]
# stdout: "Int64 2\nint64[pyarrow] 2000\n"
import pandas as pd

optional = pd.Series([1, None, 3], dtype='Int64')
print(optional.dtype, optional.count())
arrow = pd.read_csv('/input/sales.csv', engine='pyarrow', dtype_backend='pyarrow')
print(arrow['units'].dtype, len(arrow))
