# title: charts of a table, drawn by pandas
# needs: [pandas, matplotlib]
# check: |
#   from PIL import Image
#   assert Image.open('bars.png').size == (800, 400) and Image.open('lines.png').mode == 'RGBA'
import pandas as pd

sales = pd.read_csv('/input/sales.csv', parse_dates=['day'], index_col='day')
bars = sales.groupby('region').units.sum().plot.bar(figsize=(8, 4))
bars.figure.savefig('/output/bars.png', dpi=100)
lines = sales.units.resample('W').sum().plot(title='weekly')
lines.figure.savefig('/output/lines.png')
sales.hist(column='price', by='region')
