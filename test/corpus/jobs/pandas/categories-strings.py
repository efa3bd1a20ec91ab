# title: categories, text methods, dates taken apart, intervals
# needs: [pandas]
# stdout: "['low', 'middle', 'high']\n['ada', 'bo']\n"
import pandas as pd

sales = pd.read_csv('/input/sales.csv', dtype={'region': 'category'}, parse_dates=['day'])
bands = pd.cut(sales['units'], [-1, 5, 11, 17], labels=['low', 'middle', 'high'])
print(list(bands.cat.categories))
names = pd.Series([' Ada Lovelace', 'Bo Diddley '])
print(names.str.strip().str.lower().str.extract(r'^(\w+)')[0].tolist())
assert sales['day'].dt.isocalendar().week.max() <= 53
assert names.str.contains('Love', regex=False).sum() == 1
assert sales['day'].dt.strftime('%Y-%m').nunique() == 3
