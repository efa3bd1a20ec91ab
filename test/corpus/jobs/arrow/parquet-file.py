# title: a Parquet file by row groups, its metadata, memory-mapped, and its pages written by hand
# needs: [pyarrow]
# check: |
#   import pyarrow.parquet as pq
#   assert pq.ParquetFile('groups.parquet').num_row_groups == 4
import pyarrow.parquet as pq

file = pq.ParquetFile('/input/sales.parquet', memory_map=True)
with pq.ParquetWriter('/output/groups.parquet', file.schema_arrow) as writer:
    for batch in file.iter_batches(batch_size=500):
        writer.write_batch(batch)
assert file.metadata.num_rows == 2000
assert pq.read_table('/output/groups.parquet', use_threads=True).num_rows == 2000
