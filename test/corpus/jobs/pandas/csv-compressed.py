# title: CSV files in each compression
# needs: [pandas]
# check: |
#   import pandas as pd
#   for suffix in ('gz', 'bz2', 'xz', 'zip'):
#       assert len(pd.read_csv(f'sales.csv.{suffix}')) == 2000
import pandas as pd

frame = pd.read_csv('/input/sales.csv.gz', parse_dates=['day'])
for suffix in ('gz', 'bz2', 'xz', 'zip'):
    frame.to_csv(f'/output/sales.csv.{suffix}', index=False)
    again = pd.read_csv(f'/output/sales.csv.{suffix}', parse_dates=['day'])
    pd.testing.assert_frame_equal(frame, again)
