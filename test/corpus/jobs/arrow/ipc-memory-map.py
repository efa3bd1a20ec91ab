# title: Arrow IPC, streamed, in a file and memory-mapped
# needs: [pyarrow]
# check: |
#   import pyarrow as pa
#   assert pa.ipc.open_file('numbers.arrow').read_all().num_rows == 3
import io

import pyarrow as pa

table = pa.table({'n': [1, 2, 3], 'text': ['a', None, 'c']})
with pa.OSFile('/output/numbers.arrow', 'wb') as sink, pa.ipc.new_file(sink, table.schema) as writer:
    writer.write_table(table)
with pa.memory_map('/output/numbers.arrow') as source:
    assert pa.ipc.open_file(source).read_all().equals(table)
stream = io.BytesIO()
with pa.ipc.new_stream(stream, table.schema) as writer:
    writer.write_table(table)
assert pa.ipc.open_stream(stream.getvalue()).read_all().equals(table)
