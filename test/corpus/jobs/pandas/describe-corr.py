# title: summary statistics of a table
# needs: [pandas]
# check: |
#   import json
#   summary = json.load(open('summary.json'))
#   assert summary['units']['count'] == 2000 and abs(summary['units']['mean'] - 7.974) < 0.01
import json

import pandas as pd

sales = pd.read_csv('/input/sales.csv')
numbers = sales.select_dtypes('number')
summary = numbers.describe(percentiles=[0.1, 0.9]).to_dict()
assert numbers.corr(method='pearson').shape == (2, 2)
assert sales['units'].rank(method='dense').max() == 17
numbers.sample(frac=0.1, random_state=3)
sales.info(memory_usage='deep')
json.dump(summary, open('/output/summary.json', 'w'))
