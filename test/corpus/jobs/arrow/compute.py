# title: Arrow arrays computed with
# needs: [pyarrow]
# stdout: "55.0 [true,false] ['a', 'b']\n"
import pyarrow as pa
import pyarrow.compute as pc

numbers = pa.array(range(11), type=pa.float64())
flags = pc.greater(pa.array([3, 1]), 2)
words = pc.utf8_lower(pa.chunked_array([['A'], ['B']]))
print(pc.sum(numbers).as_py(), str(flags).replace('\n', '').replace(' ', ''), words.to_pylist())
table = pa.table({'k': ['x', 'y', 'x'], 'v': [1, 2, 3]})
assert table.group_by('k').aggregate([('v', 'sum')]).sort_by('k')['v_sum'].to_pylist() == [4, 2]
assert table.join(pa.table({'k': ['x'], 'w': [9]}), 'k').num_rows == 3
