# title: Arrow's own readers of CSV and JSON, whole and as a stream
# needs: [pyarrow]
# stdout: "2000 200 2000\n"
import pyarrow.csv
import pyarrow.json

table = pyarrow.csv.read_csv('/input/sales.csv')
rows = pyarrow.json.read_json('/input/sales.jsonl')
with pyarrow.csv.open_csv('/input/sales.csv') as reader:
    streamed = sum(batch.num_rows for batch in reader)
print(table.num_rows, rows.num_rows, streamed)
