# title: groupby, merge, pivot and melt
# needs: [pandas]
# check: |
#   import pandas as pd
#   wide = pd.read_csv('wide.csv', index_col=0)
#   assert wide.shape == (4, 3) and wide.to_numpy().sum() == pd.read_csv(INPUT + '/sales.csv').units.sum()
import pandas as pd

sales = pd.read_csv('/input/sales.csv')
managers = pd.DataFrame({'region': ['north', 'south', 'east'], 'manager': ['Ada', 'Bo', 'Cy']})
joined = sales.merge(managers, on='region', how='left', indicator=True, validate='m:1')
assert (joined['_merge'] == 'left_only').sum() == 500
wide = joined.pivot_table(index='region', columns='product', values='units', aggfunc='sum')
long = wide.reset_index().melt(id_vars='region', value_name='units')
assert len(long) == 12
stats = sales.groupby(['region', 'product']).agg(total=('units', 'sum'), best=('price', 'max'), n=('units', 'size'))
assert stats.n.sum() == 2000
sales['share'] = sales['units'] / sales.groupby('region')['units'].transform('sum')
wide.to_csv('/output/wide.csv')
