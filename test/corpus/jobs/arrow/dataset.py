# title: a dataset scanned with a filter and a projection, and written anew
# needs: [pyarrow]
# check: |
#   import pyarrow.dataset as ds
#   assert ds.dataset('north', format='parquet').count_rows() == 147
import pyarrow.dataset as ds

sales = ds.dataset('/input/by-region', format='parquet', partitioning='hive')
north = sales.to_table(filter=(ds.field('region') == 'north') & (ds.field('units') > 11), columns=['units', 'price'])
ds.write_dataset(north, '/output/north', format='parquet', max_rows_per_file=100, max_rows_per_group=100)
assert sum(batch.num_rows for batch in sales.to_batches()) == 2000
