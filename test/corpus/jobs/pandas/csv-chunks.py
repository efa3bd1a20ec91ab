# title: a CSV file in chunks, each group summed
# needs: [pandas]
# check: |
#   import pandas as pd
#   sales = pd.read_csv(INPUT + '/sales.csv')
#   expected = sales.groupby('region').units.sum()
#   assert pd.read_csv('totals.csv', index_col='region').units.to_dict() == expected.to_dict()
import pandas as pd

total = None
for chunk in pd.read_csv('/input/sales.csv', chunksize=300):
    part = chunk.groupby('region')['units'].sum()
    total = part if total is None else total.add(part, fill_value=0)
total.astype(int).to_csv('/output/totals.csv')
