# title: Parquet, read and written with columns, filters and compressions
# needs: [pandas, pyarrow]
# check: |
#   import pyarrow.parquet as pq
#   for codec in ('snappy', 'gzip', 'zstd', 'lz4', 'brotli'):
#       assert pq.read_metadata(f'north-{codec}.parquet').num_rows == 500
import pandas as pd

north = pd.read_parquet('/input/sales.parquet', columns=['region', 'units'], filters=[('region', '==', 'north')])
for codec in ('snappy', 'gzip', 'zstd', 'lz4', 'brotli'):
    north.to_parquet(f'/output/north-{codec}.parquet', compression=codec)
    pd.testing.assert_frame_equal(pd.read_parquet(f'/output/north-{codec}.parquet'), north)
