# title: Feather and ORC
# needs: [pandas, pyarrow]
# check: |
#   import pandas as pd
#   feather, orc = pd.read_feather('sales.feather'), pd.read_orc('sales.orc')
#   assert feather.units.equals(orc.units) and (feather.day == orc.day).all()
import pandas as pd

frame = pd.read_parquet('/input/sales.parquet')
frame.to_feather('/output/sales.feather')
frame.to_orc('/output/sales.orc')
pd.testing.assert_frame_equal(pd.read_feather('/output/sales.feather'), frame)
